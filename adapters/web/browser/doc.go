// Package browser tests the live page in a browser. It is a module of its own because driving one needs a library.
package browser
