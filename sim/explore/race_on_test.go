//go:build race

package explore

// The race detector makes everything several times slower, and there is nothing concurrent to be found here. So of each
// model only the states nearest to the beginning are explored.
const statesMax = 150
