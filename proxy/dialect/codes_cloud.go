package dialect

// cloudStatus is the status a Cloud client is given for upstream's status:
// only those whose body published clients read, and 429 for rate limits.
func cloudStatus(status int) int {
	switch {
	case status == 400, status == 401, status == 403, status == 404, status == 429, status == 500:
		return status
	case status >= 500:
		return 500
	}
	return 400
}
