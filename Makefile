# The front door. Everything that does something lives in tools/ and cmake/; `make` or `make help` lists the commands.
ROOT := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
T := $(ROOT)/tools
PREFIX ?= /usr/local
MAKEFLAGS += --no-print-directory

.DEFAULT_GOAL := help
.PHONY: help setup build demo test check format tidy asan tsan bench fuzz guests images images-check images-suites images-suites-check rebase ci install clean

help: ## lists these commands
	@awk -F ':[^#]*## ' '/^[a-z][a-z%-]*:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(ROOT)/Makefile

setup: ## installs what is missing to build, test and check (apt, by name)
	@$(T)/setup check

demo: ## sets up, builds, and runs the three-node demo: local, wasm, local
	@$(T)/setup
	@$(T)/build release caisson
	@cd $(ROOT) && build/release/bin/caisson run examples/04-wasm-integration.yaml "hello world"

build: ## builds what users run, optimised: build/release/bin/caisson
	@$(T)/setup
	@$(T)/build release

test: ## sets up, builds and runs every test
	@$(T)/setup check
	@$(T)/build dev
	@$(T)/run_tests dev

check: ## every gate: layers, headers, sizes, format, tidy, reasons, links, words, shell, Rust
	@$(T)/setup check
	@$(T)/build --configure dev
	@$(T)/check

check-%: ## one gate by name, for example check-layers
	@$(T)/check $*

format: ## formats every C++ and Rust file
	@$(T)/check_format.py --fix

tidy: ## clang-tidy over what changed since it was last clean
	@$(T)/check tidy

asan: ## every test under AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer
	@$(T)/setup check
	@$(T)/build asan
	@$(T)/run_tests asan

tsan: ## the tests that ThreadSanitizer can follow
	@$(T)/setup check
	@$(T)/build tsan
	@$(T)/run_tests tsan

bench: ## builds and runs every program of bench/; each prints its ratio
	@$(T)/setup check
	@$(T)/build release
	@$(T)/run_benches

fuzz: ## fuzzes every parser; CAISSON_CAMPAIGN=ci|night|release says how long
	@$(T)/setup check
	@$(T)/fuzz

guests: ## rebuilds the guest modules and compares them with the committed ones
	@$(T)/setup check
	@$(T)/guests check

images: ## rebuilds the language images, or those named: make images IMAGES="lua javascript"
	@$(ROOT)/guests/images/build $(IMAGES)

images-check: ## rebuilds the language images elsewhere and compares digests
	@$(ROOT)/guests/images/build check $(IMAGES)

images-suites: ## runs the languages' own tests in their images; LANGUAGES="python lua javascript"
	@for language in $(or $(LANGUAGES),python lua javascript); do $(ROOT)/tests/images/run $$language || exit 1; done

images-suites-check: ## the same, and compares with what is committed
	@for language in $(or $(LANGUAGES),python lua javascript); do $(ROOT)/tests/images/run $$language --check || exit 1; done

rebase: ## rewrites the expectations of the scenarios; read the difference afterwards
	@$(T)/build dev caisson
	@$(T)/scenario --binary $(ROOT)/build/dev/bin/caisson --rebase

ci: ## what guards main: tests, checks, sanitizers, fuzzing, guests
	@$(ROOT)/.ci/run

install: ## builds and installs caisson and its shell completions under PREFIX (/usr/local)
	@$(T)/setup
	@$(T)/build release caisson
	@$(T)/install $(DESTDIR)$(PREFIX)

clean: ## removes the build folder; caches outside the checkout stay
	@rm -rf $(ROOT)/build
