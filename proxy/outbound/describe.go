package outbound

import (
	"context"
	"net/http"
	"strings"

	"postern/proxy/dialect/openapi"
)

const (
	describePath  = ownPath + "v1/openapi/"
	routeDescribe = "openapi"
)

// posterns serves what is Postern's own and says which route that was.
func (h *Handler) posterns(ctx context.Context, c *call) (route string, status int) {
	if strings.HasPrefix(c.r.URL.Path, describePath) {
		return routeDescribe, h.describe(c)
	}
	return routeReceipts, h.receipt(ctx, c)
}

// describe answers with the OpenAPI description of a dialect, for apps alone.
func (h *Handler) describe(c *call) int {
	if _, ok := h.owner(c.r); !ok {
		return h.stranger(c)
	}
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		c.w.Header().Set("Allow", "GET, HEAD")
		return c.own(http.StatusMethodNotAllowed, "method", "Descriptions are read with GET.")
	}
	name, _ := strings.CutSuffix(strings.TrimPrefix(c.r.URL.Path, describePath), ".yaml")
	page, ok := openapi.Page(name)
	if !ok {
		return c.own(http.StatusNotFound, "not_found", "There are cloud.yaml, d360v1.yaml, d360v2.yaml and onprem.yaml.")
	}
	return c.write(http.StatusOK, map[string]string{"Content-Type": "application/yaml"}, page)
}
