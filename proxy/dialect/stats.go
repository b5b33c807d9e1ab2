package dialect

import (
	"strconv"
	"strings"
	"time"
)

// Metric is one figure of the old client's monitoring, with a sample for each
// set of labels.
type Metric struct {
	Name, Help string
	Kind       string // "counter" or "gauge"
	Samples    []Sample
}

// Sample is one value of a metric.
type Sample struct {
	Labels []Label // in a fixed order
	Value  int64
}

// Label is a name with its value, both fixed words.
type Label struct{ Name, Value string }

// DecodeStatsFormat reads ?format=, which the calls of monitoring take.
func DecodeStatsFormat(format string) (prometheus bool, p *Problem) {
	switch format {
	case "", "json":
		return false, nil
	case "prometheus":
		return true, nil
	}
	return false, &Problem{Kind: Invalid, Param: "format", Details: "The format is json or prometheus."}
}

// EncodeStats answers GET /v1/stats/{section}, "app" or "db". With nodes the
// Coreapp holds what an app did and the master what its database holds; the other
// node is empty, as it was there.
func EncodeStats(section string, shape HealthShape, host string, all []Metric) (status int, body []byte) {
	out := append(appendText([]byte(`{"stats":{`), section), ':')
	switch {
	case shape != HealthAvailable && shape != HealthMulti:
		out = appendMetrics(out, all)
	case section == "db":
		out = append(appendText(append(out, '{'), host+":coreapp"), `:{},`...)
		out = append(appendMetrics(append(appendText(out, host+":master"), ':'), all), '}')
	default:
		out = appendMetrics(append(appendText(append(out, '{'), host+":coreapp"), ':'), all)
		out = append(appendText(append(out, ','), host+":master"), `:{}}`...)
	}
	return 200, appendMeta(append(out, '}'))
}

// EncodeMetrics answers GET /metrics.
func EncodeMetrics(all []Metric) (status int, body []byte) {
	return 200, appendMeta(appendMetrics([]byte(`{"metrics":`), all))
}

func appendMetrics(out []byte, all []Metric) []byte {
	out = append(out, '{')
	for i, m := range all {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(appendText(out, m.Name), `:{"data":[`...)
		for j, s := range m.Samples {
			if j > 0 {
				out = append(out, ',')
			}
			out = appendSample(out, s)
		}
		out = appendText(append(out, `],"help":`...), m.Help)
		out = append(appendMember(out, "type", m.Kind), '}')
	}
	return append(out, '}')
}

func appendSample(out []byte, s Sample) []byte {
	out = append(out, '{')
	for i, l := range s.Labels {
		if i == 0 {
			out = append(out, `"labels":{`...)
		} else {
			out = append(out, ',')
		}
		out = appendText(append(appendText(out, l.Name), ':'), l.Value)
	}
	if len(s.Labels) > 0 {
		out = append(out, '}', ',')
	}
	return append(strconv.AppendInt(append(out, `"value":`...), s.Value, 10), '}')
}

// PrometheusType is the content type of what EncodePrometheus writes.
const PrometheusType = "text/plain; version=0.0.4; charset=utf-8"

// EncodePrometheus writes metrics in Prometheus's text format. A metric without
// a sample is left out.
func EncodePrometheus(all []Metric) (status int, body []byte) {
	var b strings.Builder
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	for _, m := range all {
		if len(m.Samples) == 0 {
			continue
		}
		b.WriteString("# HELP " + m.Name + " " + m.Help + "\n# TYPE " + m.Name + " " + m.Kind + "\n")
		for _, s := range m.Samples {
			labels := make([]string, len(s.Labels))
			for i, l := range s.Labels {
				labels[i] = l.Name + `="` + quote.Replace(l.Value) + `"`
			}
			b.WriteString(m.Name)
			if len(labels) > 0 {
				b.WriteString("{" + strings.Join(labels, ",") + "}")
			}
			b.WriteString(" " + strconv.FormatInt(s.Value, 10) + "\n")
		}
	}
	return 200, []byte(b.String())
}

// Support is what GET /v1/support tells of the gateway.
type Support struct {
	Number string // the business number's digits, "" where it is not registered
	Build  string // of the gateway
	System string // such as "linux-amd64"
	Now    time.Time
	Status GatewayStatus
}

// EncodeSupport answers GET /v1/support: the members of the old answer that the
// gateway has a true value for (Meta's page /v1/support).
func EncodeSupport(shape HealthShape, host string, s Support) (status int, body []byte) {
	out := []byte(`{"support":{`)
	switch shape {
	case HealthAvailable:
		out = s.node(append(appendText(out, host+":coreapp"), `:{"role":"coreapp","shards":[[-1,-1],[0,0]],`...), shape)
		out = s.node(append(appendText(append(out, '}', ','), host+":master"), `:{"role":"primary_master","shards":[],`...), shape)
		out = append(out, '}')
	case HealthMulti:
		out = s.node(append(appendText(out, host+":coreapp"), `:{"role":"coreapp","shards":[[0,0]],`...), shape)
		out = s.node(append(appendText(append(out, '}', ','), host+":master"), `:{"role":"primary_master","shards":[[-1,-1]],`...), shape)
		out = append(out, '}')
	default:
		out = s.node(out, shape)
	}
	return 200, appendMeta(append(out, '}'))
}

func (s Support) node(out []byte, shape HealthShape) []byte {
	out = appendText(append(out, `"context":"healthcheck","db_engine":"SQLITE","debug_info":`...), or(s.Number, "unregistered"))
	out = appendMember(out, "description", s.Build)
	out = appendMember(out, "device_iso8601", s.Now.UTC().Format(time.RFC3339))
	out = append(append(out, `,"multi_connect":`...), strconv.FormatBool(shape == HealthMulti)...)
	out = appendMember(out, "os_name", s.System)
	socket := map[GatewayStatus]string{Connected: "UP", Connecting: "SC"}[s.Status]
	return appendMember(out, "socket_conn", or(socket, "DN"))
}
