package clients

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"testing"
)

// node is a running Node.js process with one client in it.
type node struct {
	in  io.Writer
	out *bufio.Reader
}

// answer is what a client's method gave back or threw.
type answer struct {
	Value json.RawMessage `json:"value"`
	Error *struct {
		Class      string         `json:"class"`
		Message    string         `json:"message"`
		HTTPStatus int            `json:"httpStatus"`
		Code       int            `json:"code"`
		Type       string         `json:"type"`
		Details    string         `json:"details"`
		Category   string         `json:"category"`
		Retry      map[string]any `json:"retry"`
	} `json:"error"`
}

// startNode runs a script of the folder npm with more environment variables.
func startNode(t *testing.T, script string, env ...string) *node {
	t.Helper()
	answers, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", script)
	cmd.Dir = "npm"
	cmd.Env = append(os.Environ(), append(env, "NODE_EXTRA_CA_CERTS="+gate.env["POSTERN_CA"])...)
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v; the tests with real clients need Node.js", err)
	}
	theirs.Close()
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v", script, err)
		}
		answers.Close()
	})
	return &node{in, bufio.NewReader(answers)}
}

// call runs a method of the client with arguments as JSON values.
func (n *node) call(t *testing.T, method string, args ...any) answer {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"call": method, "args": args})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.in.Write(append(raw, '\n')); err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	line, err := n.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("%s: no answer: %v", method, err)
	}
	var a answer
	decode(t, line, &a)
	return a
}

// ok runs a method that must not throw and decodes what it gave back.
func (n *node) ok(t *testing.T, into any, method string, args ...any) {
	t.Helper()
	a := n.call(t, method, args...)
	if a.Error != nil {
		t.Fatalf("%s threw %+v", method, *a.Error)
	}
	decode(t, a.Value, into)
}
