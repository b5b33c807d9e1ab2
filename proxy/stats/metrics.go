package stats

import "postern/proxy/dialect"

// Names of the old client's figures (Meta's pages /v1/stats/app, /v1/stats/db
// and /metrics) that the gateway has a true value for.
const (
	callbackQueue    = "callback_queue_size"
	callbackCount    = "callback_requests_duration_ms_count"
	callbackSum      = "callback_requests_duration_ms_sum"
	endpointCount    = "endpoint_requests_duration_ms_count"
	endpointSum      = "endpoint_requests_duration_ms_sum"
	inServer         = "in_message_from_server"
	inPersisted      = "in_message_persisted"
	mediaDownloads   = "media_downloads"
	mediaUploads     = "media_uploads"
	outPersisted     = "out_message_persisted"
	outSentCount     = "out_message_sent_duration_ms_count"
	outSentSum       = "out_message_sent_duration_ms_sum"
	outStatus        = "out_message_status"
	pendingCallbacks = "pending_callbacks"
	pendingMessages  = "pending_messages"

	dbCallbacks = "db_pending_callbacks"
	dbMessages  = "db_pending_messages"

	apiCount   = "api_requests_duration_ms_count"
	apiSum     = "api_requests_duration_ms_sum"
	webHandled = "web_handled_requests"
	webUptime  = "web_uptime"
)

const (
	counter = "counter"
	gauge   = "gauge"
)

// metric is a figure as monitoring sees it.
type metric struct {
	name, kind, help string
	labels           []string // of series.first and series.second
}

func (m metric) labelled(s series, node string) []dialect.Label {
	var out []dialect.Label
	if node != "" {
		out = append(out, dialect.Label{Name: "node", Value: node})
	}
	for i, value := range []string{s.first, s.second}[:len(m.labels)] {
		out = append(out, dialect.Label{Name: m.labels[i], Value: value})
	}
	return out
}

var appMetrics = []metric{
	{callbackQueue, gauge, "Events in memory that wait for the app's webhook.", nil},
	{callbackCount, counter, "Tries to bring an event to the app's webhook.", []string{"result"}},
	{callbackSum, counter, "Milliseconds that the app's webhook took.", []string{"result"}},
	{endpointCount, counter, "Calls of the app.", []string{"method", "result"}},
	{endpointSum, counter, "Milliseconds until the app's calls were answered.", []string{"method", "result"}},
	{inServer, counter, "Messages of people that came.", nil},
	{inPersisted, counter, "Messages of people that were recorded.", nil},
	{mediaDownloads, counter, "Files that the app fetched.", []string{"result"}},
	{mediaUploads, counter, "Files that the app uploaded.", []string{"result"}},
	{outPersisted, counter, "Messages of the app that were let through and recorded.", nil},
	{outSentCount, counter, "Messages of the app that have an outcome.", []string{"result"}},
	{outSentSum, counter, "Milliseconds from a message's record to its outcome.", []string{"result"}},
	{outStatus, counter, "Statuses of the app's messages that came.", []string{"status"}},
	{pendingCallbacks, gauge, "Events on disk that wait for the app's webhook, of the 10,000 eldest of all apps.", nil},
	{pendingMessages, gauge, "Messages of the app without an outcome.", nil},
}

var databaseMetrics = []metric{
	{dbCallbacks, gauge, "Events on disk that wait for the app's webhook, of the 10,000 eldest of all apps.", nil},
	{dbMessages, gauge, "Messages of the app without an outcome.", nil},
}

var webMetrics = []metric{
	{apiCount, counter, "Calls of the app.", []string{"result", "method"}},
	{apiSum, counter, "Milliseconds until the app's calls were answered.", []string{"result", "method"}},
	{webHandled, counter, "Calls of the app that were answered.", nil},
	{webUptime, gauge, "Seconds since the gateway started.", nil},
}
