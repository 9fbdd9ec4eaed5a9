export const meta = { name: 'args-plain-string', description: 'Any other text arrives as it is' }
log(typeof args, args)
return args.split(' ').map((word) => word.length)
