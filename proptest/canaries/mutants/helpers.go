package main

import (
	_ "embed"
	"go/token"
)

// variable is the environment variable that says which mutant is active.
const variable = "ACTIVE_MUTANT"

// outOfMemory is the exit code of a mutant that eats memory without end.
const outOfMemory = 77

// helperNames are those of the functions in helpers that do what an operator does, unless their mutant is active.
var helperNames = map[token.Token]string{
	token.LSS: "Less", token.LEQ: "LessOrEqual", token.GTR: "Greater", token.GEQ: "GreaterOrEqual",
	token.ADD: "Add", token.SUB: "Sub", token.MUL: "Mul", token.QUO: "Quo", token.REM: "Rem", token.AND: "And",
	token.OR: "Or", token.XOR: "Xor", token.AND_NOT: "AndNot", token.SHL: "Shl", token.SHR: "Shr",
}

// helpers is added to every package that has mutants.
//
//go:embed helpers.txt
var helpers string
