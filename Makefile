# The doors for newcomers. `make demo PORT=8080 DATA=/tmp/ordna HOST=0.0.0.0` says where.
PORT ?= 8000
DATA ?= var
HOST ?= 127.0.0.1
ARGS ?= -n 2 --dist loadfile

.PHONY: demo demo-reset test check

demo:        # try the portal: installs what it needs here, then starts
	@sh .ci/venv demo
	@exec .venv/bin/portal demo --host "$(HOST)" --port "$(PORT)" --data "$(DATA)"

demo-reset:  # the same, from the beginning
	@sh .ci/venv demo
	@exec .venv/bin/portal demo --host "$(HOST)" --port "$(PORT)" --data "$(DATA)" --reset

test:        # run the tests, with their own directory server and browser where they may be installed
	@sh .ci/venv dev && sh .ci/peers
	@exec .venv/bin/pytest --cov --cov-report=term $(ARGS)

check:       # the same questions as before every commit
	@sh .ci/venv dev
	@sh .ci/check
