package main

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"postern/cmd/internal/demo"
	"postern/cmd/internal/rig"
)

// deployment is what apps/v1 and v1 have of the fields in use.
type deployment struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Metadata   struct {
		Name      string `yaml:"name"`
		Namespace string `yaml:"namespace"`
	} `yaml:"metadata"`
	Spec struct {
		Selector labels `yaml:"selector"`
		Template struct {
			Metadata struct {
				Labels map[string]string `yaml:"labels"`
			} `yaml:"metadata"`
			Spec struct {
				Token    *bool `yaml:"automountServiceAccountToken"`
				Security struct {
					NonRoot bool              `yaml:"runAsNonRoot"`
					Group   int               `yaml:"fsGroup"`
					Seccomp map[string]string `yaml:"seccompProfile"`
				} `yaml:"securityContext"`
				Init       []container `yaml:"initContainers"`
				Containers []container `yaml:"containers"`
				Volumes    []struct {
					Name      string            `yaml:"name"`
					ConfigMap map[string]string `yaml:"configMap"`
					EmptyDir  map[string]string `yaml:"emptyDir"`
					Secret    struct {
						Name string `yaml:"secretName"`
						Mode int    `yaml:"defaultMode"`
					} `yaml:"secret"`
				} `yaml:"volumes"`
			} `yaml:"spec"`
		} `yaml:"template"`
	} `yaml:"spec"`
}

type container struct {
	Name    string              `yaml:"name"`
	Image   string              `yaml:"image"`
	Restart string              `yaml:"restartPolicy"`
	Command []string            `yaml:"command"`
	Env     []map[string]string `yaml:"env"`
	Startup struct {
		Exec struct {
			Command []string `yaml:"command"`
		} `yaml:"exec"`
		Period   int `yaml:"periodSeconds"`
		Failures int `yaml:"failureThreshold"`
	} `yaml:"startupProbe"`
	Security struct {
		NonRoot      *bool               `yaml:"runAsNonRoot"`
		User         int                 `yaml:"runAsUser"`
		Escalation   *bool               `yaml:"allowPrivilegeEscalation"`
		ReadOnly     bool                `yaml:"readOnlyRootFilesystem"`
		Capabilities map[string][]string `yaml:"capabilities"`
	} `yaml:"securityContext"`
	Mounts []struct {
		Name     string `yaml:"name"`
		Path     string `yaml:"mountPath"`
		ReadOnly bool   `yaml:"readOnly"`
	} `yaml:"volumeMounts"`
}

// TestDeployPod: in the pod, the rules name the app's user, who may change
// nothing of them and sees no key of Envoy's. No cluster runs it.
func TestDeployPod(t *testing.T) {
	d := yaml.NewDecoder(strings.NewReader(envoyFile(t, "sidecar-pod.yaml")))
	d.KnownFields(true)
	var p deployment
	if err := d.Decode(&p); err != nil {
		t.Fatal(err)
	}
	pod := p.Spec.Template.Spec
	if p.APIVersion != "apps/v1" || p.Kind != "Deployment" || len(pod.Init) != 2 || len(pod.Containers) != 1 || !pod.Security.NonRoot || pod.Token == nil || *pod.Token ||
		fmt.Sprint(p.Spec.Selector.Match) != fmt.Sprint(p.Spec.Template.Metadata.Labels) {
		t.Fatalf("%+v", p)
	}
	redirect, envoy, app := pod.Init[0], pod.Init[1], pod.Containers[0]
	if rules := envoyFile(t, "egress.nft"); !strings.Contains(rules, fmt.Sprintf("define app = %d\n", app.Security.User)) || envoy.Security.User == app.Security.User {
		t.Errorf("the rules are not about user %d", app.Security.User)
	}
	if !slices.Equal(redirect.Security.Capabilities["add"], []string{"NET_ADMIN"}) || envoy.Restart != "Always" || redirect.Restart != "" {
		t.Error("the rules are not loaded before Envoy goes on beside the app")
	}
	for _, c := range []container{redirect, envoy, app} {
		if !slices.Equal(c.Security.Capabilities["drop"], []string{"ALL"}) || c.Security.Escalation == nil || *c.Security.Escalation {
			t.Errorf("%s can do more than it needs", c.Name)
		}
		if c.Name != redirect.Name && (len(c.Security.Capabilities["add"]) > 0 || c.Security.User == 0) {
			t.Errorf("%s can change the rules", c.Name)
		}
	}
	volumes := map[string]bool{}
	for _, v := range pod.Volumes {
		volumes[v.Name] = v.Secret.Name != ""
	}
	for _, c := range []container{redirect, envoy, app} {
		for _, m := range c.Mounts {
			if secret, there := volumes[m.Name]; !there || secret && c.Name != envoy.Name {
				t.Errorf("%s mounts %s", c.Name, m.Name)
			}
		}
	}
}

// TestDeployFarSidecar: the gateway takes the section, and the Envoy in the pod
// finds it by what postern envoy bootstrap prints.
func TestDeployFarSidecar(t *testing.T) {
	port, release, err := demo.ClaimPorts()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	own := strings.NewReplacer("0.0.0.0:9443", net.JoinHostPort("127.0.0.1", fmt.Sprint(port)), "0.0.0.0:9444", net.JoinHostPort("127.0.0.1", fmt.Sprint(port+1)),
		"certs/gateway.pem", "certs/server.pem", "certs/gateway-key.pem", "certs/server-key.pem", "certs/envoys-ca.pem", "certs/ca.pem",
		"certs/sidecar.pem", "certs/server.pem", "certs/sidecar-key.pem", "certs/server-key.pem")
	r := rig.Start(t, rig.Options{Config: func(text string) string {
		return text + strings.Replace(own.Replace(envoyFile(t, "sidecar-far.yaml")), "others: refuse", "others: refuse\n      names: [localhost]", 1)
	}})
	t.Setenv("POSTERN_CONFIG", r.Env["POSTERN_CONFIG"])
	var out, errs strings.Builder
	if code := run(t.Context(), []string{"envoy", "bootstrap", "--node", "sidecar-1", "--admin", "unix:/run/envoy/admin.sock"}, strings.NewReader(""), &out, &errs); code != 0 {
		t.Fatalf("%d %s", code, errs.String())
	}
	for _, want := range []string{"postern.postern.svc", "9444", "/etc/postern/tls.key", "/etc/postern/ca.crt", "/run/envoy/admin.sock"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in\n%s", want, out.String())
		}
	}
}
