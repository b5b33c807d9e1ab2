// Package check holds the published checks of identifiers: check digits,
// dates and parts inside numbers. All functions are pure: they read the value's
// letters (upper case) and digits, without separators, and say whether it can
// have been issued. They accept any input and never panic.
package check
