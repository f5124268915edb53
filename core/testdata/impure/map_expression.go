// Breaks: map

package impure

func mapExpression(field mapField) bool { return len(field.byName) > 0 }
