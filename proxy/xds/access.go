package xds

import (
	accesslogv3 "github.com/envoyproxy/go-control-plane/envoy/config/accesslog/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	filelogv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/access_loggers/file/v3"
	"google.golang.org/protobuf/types/known/structpb"
)

// logged is a line of the access log. No path, query, header of the app's or
// address is in it: paths hold numbers and message ids, headers hold keys. The
// request id is Envoy's own.
var logged = map[string]string{
	"time": "%START_TIME%", "request": "%REQ(X-REQUEST-ID)%", "route": "%ROUTE_NAME%", "protocol": "%PROTOCOL%",
	"status": "%RESPONSE_CODE%", "details": "%RESPONSE_CODE_DETAILS%", "flags": "%RESPONSE_FLAGS%", "upstream": "%UPSTREAM_CLUSTER%",
	"ms": "%DURATION%", "received": "%BYTES_RECEIVED%", "sent": "%BYTES_SENT%",
}

func (b *builder) accessLog(listener string) []*accesslogv3.AccessLog {
	fields := map[string]*structpb.Value{"listener": structpb.NewStringValue(listener)}
	for name, value := range logged {
		fields[name] = structpb.NewStringValue(value)
	}
	return []*accesslogv3.AccessLog{{Name: "file", ConfigType: &accesslogv3.AccessLog_TypedConfig{TypedConfig: b.pack(&filelogv3.FileAccessLog{
		Path: "/dev/stdout",
		AccessLogFormat: &filelogv3.FileAccessLog_LogFormat{LogFormat: &corev3.SubstitutionFormatString{
			Format: &corev3.SubstitutionFormatString_JsonFormat{JsonFormat: &structpb.Struct{Fields: fields}},
		}},
	})}}}
}
