package main

import (
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// networkPolicy is what networking.k8s.io/v1 has of the fields in use.
type networkPolicy struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Metadata   struct {
		Name      string `yaml:"name"`
		Namespace string `yaml:"namespace"`
	} `yaml:"metadata"`
	Spec struct {
		PodSelector labels   `yaml:"podSelector"`
		PolicyTypes []string `yaml:"policyTypes"`
		Egress      []struct {
			To []struct {
				NamespaceSelector labels `yaml:"namespaceSelector"`
				PodSelector       labels `yaml:"podSelector"`
			} `yaml:"to"`
			Ports []struct {
				Protocol string `yaml:"protocol"`
				Port     int    `yaml:"port"`
			} `yaml:"ports"`
		} `yaml:"egress"`
	} `yaml:"spec"`
}

type labels struct {
	Match map[string]string `yaml:"matchLabels"`
}

// TestDeployNetworkPolicy: pods of apps are led to the gateway and to DNS, each
// peer named by its labels.
func TestDeployNetworkPolicy(t *testing.T) {
	d := yaml.NewDecoder(strings.NewReader(envoyFile(t, "network-policy.yaml")))
	d.KnownFields(true)
	var p networkPolicy
	if err := d.Decode(&p); err != nil {
		t.Fatal(err)
	}
	if p.APIVersion != "networking.k8s.io/v1" || p.Kind != "NetworkPolicy" || p.Metadata.Name == "" || p.Metadata.Namespace == "" ||
		len(p.Spec.PodSelector.Match) == 0 || !slices.Equal(p.Spec.PolicyTypes, []string{"Egress"}) {
		t.Errorf("%+v", p)
	}
	var ports []string
	for _, rule := range p.Spec.Egress {
		if len(rule.To) != 1 || len(rule.To[0].NamespaceSelector.Match) == 0 || len(rule.To[0].PodSelector.Match) == 0 {
			t.Errorf("a rule leads to %+v", rule.To)
		}
		for _, port := range rule.Ports {
			ports = append(ports, port.Protocol+"/"+map[int]string{443: "https", 53: "dns"}[port.Port])
		}
	}
	if !slices.Equal(ports, []string{"TCP/https", "UDP/dns", "TCP/dns"}) {
		t.Errorf("ports %v", ports)
	}
}
