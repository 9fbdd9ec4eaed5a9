// Generated from the contract by `cargo xtask bindings`.
declare module 'lazaret:agent/clock@0.1.0' {
  const functions: import('./clock').Functions
  export default functions
}
declare module 'lazaret:agent/log@0.1.0' {
  const functions: import('./log').Functions
  export default functions
}
declare module 'lazaret:agent/secrets@0.1.0' {
  const functions: import('./secrets').Functions
  export default functions
}
declare module 'lazaret:agent/content@0.1.0' {
  const functions: import('./content').Functions
  export default functions
}
declare module 'lazaret:agent/files@0.1.0' {
  const functions: import('./files').Functions
  export default functions
}
declare module 'lazaret:agent/gate@0.1.0' {
  const functions: import('./gate').Functions
  export default functions
}
declare module 'lazaret:agent/model@0.1.0' {
  const functions: import('./model').Functions
  export default functions
}
declare module 'lazaret:agent/tools@0.1.0' {
  const functions: import('./tools').Functions
  export default functions
}
declare module 'lazaret:agent/web@0.1.0' {
  const functions: import('./web').Functions
  export default functions
}
