// Package trail tests, over the whole gateway, what takes the trail elsewhere:
// to ClickHouse and to systems of others.
package trail
