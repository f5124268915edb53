// Breaks: function without a body

package impure

func assembly() int
