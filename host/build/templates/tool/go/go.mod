module {{name}}

go 1.24

require lazaret v0.0.0

replace lazaret => ./.lazaret/sdk/go
