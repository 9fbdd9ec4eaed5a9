module lazaret

go 1.24
