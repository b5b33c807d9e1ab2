// Package keeping lets a whole gateway keep and destroy what it recorded:
// retention, legal holds, persons' requests and backups. It holds tests only.
package keeping
