// Package moving tests what operators do with a number as a whole, on a running
// gateway before a simulator of Meta: how it stands, and its move to another
// account. It holds no code of the product.
package moving
