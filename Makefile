# hftoken: one Makefile for everything. `make help` lists the targets.
#
# CC, CFLAGS, CPPFLAGS, LDFLAGS and LDLIBS belong to you: they come last and are never required.
# Local settings can stand in config.mak.

-include config.mak

VERSION := 0.1.0

PREFIX      ?= /usr/local
BINDIR      ?= $(PREFIX)/bin
LIBEXECDIR  ?= $(PREFIX)/libexec/hftoken
MANDIR      ?= $(PREFIX)/share/man
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR  ?= $(PREFIX)/share/zsh/site-functions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d
DESTDIR     ?=
CC          ?= cc
AR          ?= ar
PKG_CONFIG  ?= pkg-config
# The first Python that has what the tests need; `make deps` installs it for the system's.
PYTHON      ?= $(shell for modules in 'pytest, xdist' pytest; do for p in python3 /usr/bin/python3; do \
	$$p -c "import $$modules" 2>/dev/null && echo $$p && exit; done; done; echo python3)
CFLAGS      ?= -O2 -g
# 0 leaves out the store for desktop keyrings, and with it libsecret.
WITH_SECRET_SERVICE ?= 1
# bin/hftoken needs no library where that can be linked, so that it runs alone in an empty image; `no` links libc as usual.
STATIC ?= auto

comma := ,

# A build of another kind has a folder of its own: build, build/sanitize, build/coverage, build/faults, build/fuzz.
ifeq ($(SANITIZE),1)
B := build/sanitize
VARIANT_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1 -g
else ifeq ($(COVERAGE),1)
B := build/coverage
# clang's counters: they lie in a file that is mapped from the start, so that a program that is killed,
# leaves by _exit() or becomes another one has counted as well, and no two disturb each other.
VARIANT_FLAGS := -fprofile-instr-generate=$(CURDIR)/build/coverage/counts/%m%c.profraw -fcoverage-mapping
else ifeq ($(FAULTS),1)
# Allocations can be made to fail: tests/faults/allocate.c. Fortified functions have other names.
B := build/faults
VARIANT_FLAGS := -U_FORTIFY_SOURCE -ftrivial-auto-var-init=zero
ALLOCATE := $(B)/obj/tests/faults/allocate.o
ALLOCATE_LINK := $(ALLOCATE) $(patsubst %,-Wl$(comma)--wrap=%,malloc calloc realloc reallocarray free strdup \
	strndup asprintf mmap64)
else ifeq ($(FUZZ),1)
B := build/fuzz
VARIANT_FLAGS := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g
else
B := build
VARIANT_FLAGS := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -ftrivial-auto-var-init=zero
endif

ifneq ($(V),1)
Q := @
say = @printf '  %-7s %s\n' '$(1)' '$(2)'
endif

.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := all

# ---- flags -------------------------------------------------------------------------------------

STD_FLAGS := -std=c17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Isrc -I. -include src/base/banned.h \
	-DHFTOKEN_VERSION='"$(VERSION)"'

# Asked of the compiler one by one: older ones lack some. Sources: the OpenSSF compiler hardening
# guide for the upper lines, kmod, git and libfido2 for the warnings.
WANTED_FLAGS := -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -fPIE \
	-fno-strict-overflow -fno-strict-aliasing -fno-delete-null-pointer-checks \
	-fstrict-flex-arrays=3 -fzero-init-padding-bits=all \
	-Wall -Wextra -Wconversion -Wimplicit-fallthrough -Wshadow -Wvla -Wcast-qual \
	-Wwrite-strings -Wstrict-prototypes -Wmissing-prototypes -Wundef \
	-Wframe-larger-than=16384 -Wunused-result \
	-Werror=implicit -Werror=incompatible-pointer-types \
	-Werror=int-conversion
WANTED_LINK := -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,nodlopen -Wl,--as-needed
ifeq ($(DEVELOPER),1)
WANTED_FLAGS += -Werror
endif
# The sanitizers cannot be linked so. A function that would need libraries at run time (name service, dlopen) makes the
# linker warn, which is an error here.
STATIC_LINK := -static-pie -Wl,--fatal-warnings
ifneq ($(SANITIZE)$(COVERAGE)$(FUZZ),)
STATIC_LINK :=
endif
ifeq ($(STATIC),no)
STATIC_LINK :=
endif

# One flag that the compiler does not know is left out; the answer is kept in $(B)/flags.mk.
-include $(B)/flags.mk
$(B)/flags.mk: Makefile $(wildcard config.mak)
	$(Q)mkdir -p $(B)
	$(Q)echo 'int main(void) { return 0; }' >$(B)/probe.c
	$(Q)try() { $(CC) $(VARIANT_FLAGS) -Werror "$$@" -o $(B)/probe $(B)/probe.c 2>/dev/null; }; \
	{ printf 'OUR_CFLAGS := -Wformat=2 -Werror=format-security'; for f in $(VARIANT_FLAGS) $(WANTED_FLAGS); do \
		try $$f && printf ' %s' "$$f"; done; \
	printf '\nOUR_LDFLAGS :='; for f in $(VARIANT_FLAGS) $(WANTED_LINK); do \
		try $$f && printf ' %s' "$$f"; done; \
	printf '\nHAS_STATIC := '; echo 'int main(void) { return 0; }' >$(B)/probe.c; \
	try -static-pie -fPIE -Wl,--fatal-warnings $(CFLAGS) $(LDFLAGS) && printf 1; echo; } >$@.tmp
	$(Q)rm -f $(B)/probe $(B)/probe.c && mv $@.tmp $@

pkg = $(shell $(PKG_CONFIG) $(2) $(1) 2>/dev/null | sed 's/-I/-isystem /g')
CJSON_LIBS   := $(or $(call pkg,libcjson,--libs),-lcjson)
CURL_LIBS    := $(or $(call pkg,libcurl,--libs),-lcurl)
CRYPTO_LIBS  := $(or $(call pkg,nettle,--libs),-lnettle)
CMOCKA_LIBS  := $(or $(call pkg,cmocka,--libs),-lcmocka)
LIB_CFLAGS   := $(call pkg,libcjson libcurl nettle,--cflags)
# Its headers are in no default place. Asked when needed, since `make deps all` installs them first.
SECRET_CFLAGS = $(call pkg,libsecret-1,--cflags)
SECRET_LIBS   = $(call pkg,libsecret-1,--libs)

COMPILE = $(CC) $(STD_FLAGS) $(OUR_CFLAGS) $(LIB_CFLAGS) $(FILE_CFLAGS) $(CPPFLAGS) $(CFLAGS)
LINK    = $(CC) $(OUR_LDFLAGS) $(CFLAGS) $(LDFLAGS) $(ALLOCATE_LINK)
# For bin/hftoken.
LINK_ALONE = $(if $(and $(HAS_STATIC),$(STATIC_LINK)),$(CC) $(filter-out -pie,$(OUR_LDFLAGS)) $(STATIC_LINK) $(CFLAGS) $(LDFLAGS) $(ALLOCATE_LINK),$(LINK))

# Objects depend on the command that makes them, so that other flags mean a new build.
$(B)/compile.stamp: FORCE
	$(Q)mkdir -p $(B)
	$(Q)echo '$(subst ','\'',$(COMPILE) $(LINK_ALONE) $(LINK))' | cmp -s - $@ || \
		echo '$(subst ','\'',$(COMPILE) $(LINK_ALONE) $(LINK))' >$@
FORCE:

$(B)/obj/%.o: %.c $(B)/compile.stamp
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<

# Where the programs will lie is compiled into one file, so that `make install` builds little anew.
PLACE = -DLIBEXECDIR='"$(LIBEXECDIR)"'
$(B)/place.stamp: FORCE
	$(Q)mkdir -p $(B)
	$(Q)echo '$(subst ','\'',$(PLACE))' | cmp -s - $@ || echo '$(subst ','\'',$(PLACE))' >$@
$(B)/obj/src/base/proc.o: FILE_CFLAGS += $(PLACE)
$(B)/obj/src/base/proc.o: $(B)/place.stamp

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)

# ---- layers and programs -----------------------------------------------------------------------
#
# base -> core -> hub, protocol -> cli -> programs. Each layer is an archive; a program names only
# those it may use, so a call up a layer does not link (check-layers tries each alone as well).

LAYERS := base core hub protocol cli
objects = $(patsubst %.c,$(B)/obj/%.o,$(wildcard $(1)))
archive = $(B)/lib/lib$(1).a

define layer_rule
$(call archive,$(1)): $(call objects,src/$(1)/*.c)
	$$(call say,AR,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)rm -f $$@ && $(AR) rcs $$@ $$^
endef
$(foreach layer,$(LAYERS),$(eval $(call layer_rule,$(layer))))

# The names under which bin/hftoken speaks a protocol.
FRONTS := git-credential-hftoken docker-credential-hftoken bazel-credential-hftoken
PROGRAMS := $(B)/bin/hftoken $(addprefix $(B)/bin/,$(FRONTS)) \
	$(B)/libexec/hftoken/hftoken-online $(B)/libexec/hftoken/store-file

OFFLINE_LIBS := $(foreach l,cli protocol core base,$(call archive,$(l)))
ONLINE_LIBS  := $(foreach l,cli hub core base,$(call archive,$(l)))
STORE_LIBS   := $(foreach l,core base,$(call archive,$(l)))
STORE_MAIN   := $(call objects,backends/main.c backends/question.c)

# No library: what reads the Hub's JSON is hftoken-online's work.
$(B)/bin/hftoken: $(B)/obj/src/exe/hftoken.o $(OFFLINE_LIBS) $(B)/compile.stamp
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK_ALONE) -o $@ $(filter-out %.stamp,$^) $(LDLIBS)

$(addprefix $(B)/bin/,$(FRONTS)): $(B)/bin/hftoken
	$(Q)ln -sf hftoken $@

$(B)/libexec/hftoken/hftoken-online: $(B)/obj/src/exe/online.o \
		$(ONLINE_LIBS)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK) -o $@ $^ $(CURL_LIBS) $(CJSON_LIBS) $(LDLIBS)

$(B)/libexec/hftoken/store-file: $(STORE_MAIN) $(call objects,backends/file*.c) $(STORE_LIBS)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK) -o $@ $^ $(CRYPTO_LIBS) $(LDLIBS)

# Without OpenSSL the vault has no passphrase, and all else works: said at each build, no error.
DERIVE_KEY := $(B)/libexec/hftoken/derive-key
PROGRAMS   += $(DERIVE_KEY)
$(DERIVE_KEY): backends/derive_key.c $(STORE_LIBS) $(B)/compile.stamp
	$(Q)mkdir -p $(@D) $(B)/obj/backends
	$(Q)$(PKG_CONFIG) --exists libcrypto || { echo 'hftoken: OpenSSL is missing, so the vault can' \
		'have no passphrase: install libssl-dev (Debian), openssl-devel (Fedora) or openssl' \
		'(Arch) and make again' >&2; exit 0; }; \
	printf '  %-7s %s\n' CC '$<' LINK '$@'; \
	$(COMPILE) $$($(PKG_CONFIG) --cflags libcrypto) -MMD -MP -MT $@ -c -o $(B)/obj/backends/derive_key.o $< && \
	$(LINK) -o $@ $(B)/obj/backends/derive_key.o $(STORE_LIBS) $$($(PKG_CONFIG) --libs libcrypto) $(LDLIBS)

ifneq ($(WITH_SECRET_SERVICE),0)
PROGRAMS += $(B)/libexec/hftoken/store-secret-service
SECRET_OBJECTS := $(call objects,backends/secret_service*.c)

$(B)/libexec/hftoken/store-secret-service: $(STORE_MAIN) $(SECRET_OBJECTS) $(STORE_LIBS)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK) -o $@ $^ $(SECRET_LIBS) $(LDLIBS)

$(SECRET_OBJECTS): private FILE_CFLAGS = $(SECRET_CFLAGS)
$(SECRET_OBJECTS): $(B)/libsecret.stamp
$(B)/libsecret.stamp:
	$(Q)mkdir -p $(B)
	$(Q)$(PKG_CONFIG) --exists libsecret-1 || { echo 'hftoken: libsecret is missing: install' \
		'libsecret-1-dev (Debian), libsecret-devel (Fedora) or libsecret (Arch),' \
		'or leave its store out: make WITH_SECRET_SERVICE=0' >&2; exit 1; }
	$(Q)touch $@
endif

all: $(PROGRAMS)
$(PROGRAMS): | $(ALLOCATE)

# ---- tests -------------------------------------------------------------------------------------
#
# tests/unit/LAYER/test_x.c is linked with that layer and those below it, and nothing else.

UNIT_SOURCES := $(wildcard tests/unit/*/test_*.c)
UNIT_TESTS   := $(patsubst tests/unit/%.c,$(B)/tests/%,$(UNIT_SOURCES))

# Each parser has a harness in tests/fuzz.
HARNESSES    := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
REPLAYS      := $(addprefix $(B)/tests/fuzz/,$(HARNESSES))

unit_layers_base     := base
unit_layers_core     := core base
unit_layers_hub      := hub core base
unit_layers_protocol := protocol core base
unit_layers_cli      := cli protocol core base
unit_layers_backends := core base
unit_libs_base       := $(CJSON_LIBS)
unit_libs_core       := $(CJSON_LIBS)
unit_libs_hub        := $(CURL_LIBS) $(CJSON_LIBS)
unit_libs_protocol   := $(CJSON_LIBS)
unit_libs_cli        := $(CJSON_LIBS)
unit_libs_backends   := $(CRYPTO_LIBS)
unit_objects_backends := $(call objects,backends/file*.c)

define unit_rule
$(B)/tests/$(1)/%: $(B)/obj/tests/unit/$(1)/%.o $(unit_objects_$(1)) \
		$(foreach l,$(unit_layers_$(1)),$(call archive,$(l)))
	$$(call say,LINK,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(LINK) -o $$@ $$^ $(CMOCKA_LIBS) $(unit_libs_$(1)) $$(LDLIBS)
endef
$(foreach layer,$(LAYERS) backends,$(eval $(call unit_rule,$(layer))))

.PRECIOUS: $(B)/obj/%.o

# `make` runs in parallel, the groups of tests do not need to.
check: check-layers check-docs check-unit check-replay check-stores check-e2e check-interop
	@echo "check: all passed"

# What runs no line of ours that other tests do not run, too, or the same again and again, is not run for the sanitizers.
SANITIZED := $(filter 1,$(SANITIZE))

# Most tests wait most of the time, so several at once where pytest-xdist is there. TEST_JOBS=0: one by one.
TEST_JOBS ?= $(shell echo $$(($$(nproc) + 2)))
PARALLEL := $(shell [ $(TEST_JOBS) -gt 0 ] && $(PYTHON) -c 'import xdist' 2>/dev/null && printf '%s' '-n $(TEST_JOBS) --dist loadgroup')
PYTEST = PYTHONDONTWRITEBYTECODE=1 HFTOKEN_BUILD=$(abspath $(B)) $(PYTHON) -m pytest -q -p no:cacheprovider

unit-tests: $(UNIT_TESTS) $(REPLAYS)

check-unit: $(UNIT_TESTS)
	$(Q)failed=0; for t in $(UNIT_TESTS); do $$t >$$t.log 2>&1 || { cat $$t.log; failed=1; }; done; \
	cat $(addsuffix .log,$(UNIT_TESTS)) | awk '/PASSED.* test\(s\)/ { n += $$4 } \
		/FAILED TEST\(S\)/ { bad += $$1 } \
		END { printf "unit tests: %d passed, %d failed, in %d programs\n", n, bad, $(words $(UNIT_TESTS)) }'; \
	exit $$failed

# A harness is called for each of its inputs by a plain main(), or, in build/fuzz, by libFuzzer's.
FUZZ_LIBS   := $(foreach l,cli hub protocol core base,$(call archive,$(l)))
FUZZ_MAIN   := $(if $(FUZZ),,$(B)/obj/tests/fuzz/replay.o)
FUZZ_LINK   := $(if $(FUZZ),-fsanitize=fuzzer)
$(B)/tests/fuzz/%: $(B)/obj/tests/fuzz/fuzz_%.o $(FUZZ_MAIN) $(FUZZ_LIBS)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK) $(FUZZ_LINK) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(CURL_LIBS) $(CJSON_LIBS) $(CRYPTO_LIBS) $(LDLIBS)

$(B)/tests/fuzz/vault: $(patsubst %,$(B)/obj/backends/file_%.o,vault slot records crypto)
$(B)/tests/fuzz/store_question: $(B)/obj/backends/question.o

check-replay: $(REPLAYS)
	$(call say,TEST,inputs of the fuzzers)
	$(Q)for r in $(REPLAYS); do $$r tests/fuzz/corpus/$${r##*/}/* || exit 1; done

# Runs a command in which one system call goes wrong.
INJECT := $(B)/tests/faults/inject
$(INJECT): $(patsubst %,$(B)/obj/tests/faults/%.o,inject trace record calls)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK) -o $@ $^ $(LDLIBS)

# ONLY='login-new kill 37' tries one point again; 'power logout 3', 'memory token store-file 2' too.
PARTS_OF_FAULTS := power memory moments
FAULTS_IN = PYTHONDONTWRITEBYTECODE=1 HFTOKEN_BUILD=$(abspath $(1)) $(PYTHON) tests/faults
check-faults: all $(INJECT)
ifneq ($(filter-out memory,$(firstword $(ONLY))),)
	$(Q)$(call FAULTS_IN,$(B))/$(or $(filter $(PARTS_OF_FAULTS),$(firstword $(ONLY))),faults).py \
		$(filter-out $(PARTS_OF_FAULTS),$(ONLY))
else
	$(Q)+$(MAKE) --no-print-directory FAULTS=1 all
ifeq ($(ONLY),)
	$(call say,TEST,faults of system calls)
	$(Q)$(call FAULTS_IN,$(B))/faults.py
	$(call say,TEST,power cuts)
	$(Q)$(call FAULTS_IN,$(B))/power.py
	$(call say,TEST,random moments)
	$(Q)$(call FAULTS_IN,$(B))/moments.py
endif
	$(call say,TEST,allocations)
	$(Q)$(call FAULTS_IN,build/faults)/memory.py $(filter-out memory,$(ONLY))
endif

# Some points of each command, in about a minute.
check-faults-quick: all $(INJECT)
	$(call say,TEST,some faults and power cuts)
	$(Q)$(call FAULTS_IN,$(B))/faults.py --quick
	$(Q)$(call FAULTS_IN,$(B))/power.py --quick

# What interop tests ask in place of a command.
$(B)/tests/read_complaint: $(B)/obj/tests/interop/read_complaint.o $(foreach l,core base,$(call archive,$(l)))
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK) -o $@ $^ $(CJSON_LIBS) $(LDLIBS)

# A helper for any host, on our reader of git's requests and our encrypted file.
$(B)/tests/git-credential-anyhost: $(B)/obj/tests/interop/anyhost.o $(foreach l,protocol core base,$(call archive,$(l)))
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK) -o $@ $^ $(CJSON_LIBS) $(LDLIBS)

coverage-programs: all unit-tests $(B)/tests/read_complaint $(B)/tests/git-credential-anyhost

check-stores: all $(B)/tests/git-credential-anyhost
	$(call say,TEST,store programs)
	$(Q)$(PYTEST) $(PARALLEL) tests/conformance \
		$(if $(SANITIZED),-m 'not slow' -k 'not keepassxc' \
			$(addprefix --store=,file file/passphrase secret-service/gnome-keyring))

check-e2e: all
	$(call say,TEST,end to end)
	$(Q)$(PYTEST) $(PARALLEL) $(if $(SANITIZED),-m 'not slow') tests/e2e

# The clients come from package registries, in a step of their own.
check-interop: all $(B)/tests/read_complaint $(B)/tests/git-credential-anyhost interop-clients
	$(call say,TEST,with real clients)
	$(Q)$(PYTEST) $(if $(SANITIZED),-m 'not once') tests/interop

interop-clients:
	$(call say,FETCH,clients)
	$(Q)tests/interop/fetch_clients.sh || echo "not every client could be fetched: their tests say so"
	$(Q)tests/interop/fetch_git_suite.sh || echo "git's own suite could not be fetched: its test says so"

# What must be survived: crowds, damaged and odd files, clocks; and that no secret stays in memory (tests/force).
FORCE_TOOLS := $(addprefix $(B)/tests/force/,atexit_memory damage_files)
$(B)/tests/force/atexit_memory: $(B)/obj/tests/force/atexit_memory.o
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK) -o $@ $^

$(B)/tests/force/damage_files: $(B)/obj/tests/force/damage_files.o $(call objects,backends/file*.c) $(STORE_LIBS)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK) -o $@ $^ $(CRYPTO_LIBS) $(CJSON_LIBS) $(LDLIBS)

# The programs with a clock that can be set.
CLOCK := $(B)/tests/force/clock
CLOCK_LINK = $(LINK) -Wl,--wrap=time,--wrap=clock_gettime -o $@ $^
CLOCK_OBJECT := $(B)/obj/tests/force/clock.o
FORCE_TOOLS += $(CLOCK)/bin/hftoken $(CLOCK)/libexec/hftoken/hftoken-online $(CLOCK)/libexec/hftoken/store-file
$(CLOCK)/bin/hftoken: $(B)/obj/src/exe/hftoken.o $(CLOCK_OBJECT) $(OFFLINE_LIBS)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLOCK_LINK) $(LDLIBS)
$(CLOCK)/libexec/hftoken/hftoken-online: $(B)/obj/src/exe/online.o $(CLOCK_OBJECT) $(ONLINE_LIBS)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLOCK_LINK) $(CURL_LIBS) $(CJSON_LIBS) $(LDLIBS)
$(CLOCK)/libexec/hftoken/store-file: $(B)/obj/backends/main.o $(B)/obj/backends/question.o $(call objects,backends/file*.c) $(CLOCK_OBJECT) $(STORE_LIBS)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLOCK_LINK) $(CRYPTO_LIBS) $(LDLIBS)

force-tools: all $(FORCE_TOOLS)

check-force: force-tools
	$(call say,TEST,force)
	$(Q)$(PYTEST) tests/force

# The part that fits into every change's checks.
check-force-quick: force-tools
	$(call say,TEST,a part of force)
	$(Q)HFTOKEN_FORCE=quick $(PYTEST) tests/force

check-layers: all $(foreach l,$(LAYERS),$(call archive,$(l)))
	$(call say,CHECK,layers)
	$(Q)CC='$(CC)' STATIC='$(and $(HAS_STATIC),$(STATIC_LINK),1)' tools/check-layers.sh $(B)

check-docs: all
	$(call say,CHECK,documents)
	$(Q)tools/check-docs.sh $(B)

# ---- for developers ----------------------------------------------------------------------------

C_FILES = $(wildcard src/*/*.[ch] backends/*.[ch] tests/unit/*/*.[ch] tests/fuzz/*.[ch] tests/bench/*.c tests/interop/*.c \
	tests/faults/*.[ch] tests/force/*.c)
SHELL_FILES = $(wildcard tools/*.sh tests/*/*.sh) .ci/run

# cppcheck does not know the cleanup attribute; the sanitizers and valgrind do.
CPPCHECK_BLIND := --suppress=memleak --suppress=resourceLeak

lint: all
	$(call say,LINT,format)
	$(Q)clang-format --dry-run --Werror $(C_FILES)
	$(call say,LINT,shellcheck)
	$(Q)shellcheck $(SHELL_FILES)
	$(Q)$(B)/bin/hftoken completion bash | shellcheck -
	$(call say,LINT,cppcheck)
	$(Q)cppcheck -q --std=c11 --error-exitcode=1 --inline-suppr --enable=warning,performance,portability \
		--suppress=missingIncludeSystem -Isrc -I. -j2 $(CPPCHECK_BLIND) src backends
	$(call say,LINT,clang-tidy)
	$(Q)printf '%s\n' $(wildcard src/*/*.c backends/*.c) | xargs -P2 -I{} \
		clang-tidy --quiet {} -- $(STD_FLAGS) $(LIB_CFLAGS) $(SECRET_CFLAGS) \
		>$(B)/clang-tidy.log 2>/dev/null || { cat $(B)/clang-tidy.log; exit 1; }
	$(call say,LINT,headers)
	$(Q)for h in $(wildcard src/*/*.h backends/*.h); do \
		echo "#include \"$$h\"" | $(COMPILE) $(SECRET_CFLAGS) -Werror -fsyntax-only -x c - || exit 1; done

format:
	clang-format -i $(C_FILES)

# Of the lines of src and backends, which the tests reach; tests/README.md says what is left and why.
coverage:
	$(Q)$(MAKE) COVERAGE=1 CC='clang -mllvm -runtime-counter-relocation -Wno-unused-command-line-argument' \
		coverage-programs
	$(Q)tests/interop/fetch_clients.sh || echo "the clients could not be fetched: their tests say so"
	$(Q)tests/interop/fetch_git_suite.sh || echo "git's own suite could not be fetched: its test says so"
	$(Q)PYTHON='$(PYTHON)' tools/coverage.sh build/coverage $(PARALLEL)

# Groups of harnesses; each is in one. tests/README.md says what they are about.
FUZZ_protocols := git docker bazel serve store_answer store_question lines json_scan run_guess
FUZZ_files     := catalogue grants_compact rules rules_edit settings outcomes vault record credential_files git_store \
	export hf_stored hf_stored_cut \
	git_hints git_helpers git_section docker_config bazel_config
FUZZ_hub       := json answer identity claims grants complaint cause
FUZZ_names     := repo url token text arguments
FUZZ_GROUPS    := protocols files hub names
ifneq ($(sort $(HARNESSES)),$(sort $(foreach g,$(FUZZ_GROUPS),$(FUZZ_$(g)))))
$(error a harness of tests/fuzz is in no group of the Makefile, or a group names one that is not there)
endif

# For each harness so long, one after the other; what was found new is kept in build/fuzz/corpus.
FUZZ_SECONDS ?= 60
fuzzers:
	$(Q)$(MAKE) FUZZ=1 CC=clang STATIC=no fuzz-programs
fuzz-programs: $(REPLAYS)

fuzz: $(addprefix fuzz-,$(FUZZ_GROUPS))
$(addprefix fuzz-,$(FUZZ_GROUPS)): fuzz-%: fuzzers
	$(Q)tools/fuzz.sh run $(FUZZ_SECONDS) $(FUZZ_$*)

# Takes the few of those into tests/fuzz/corpus that reach what no other input does.
fuzz-merge: fuzzers
	$(Q)tools/fuzz.sh merge $(HARNESSES)

bench: all
	$(PYTHON) tests/bench/bench.py --build $(B)

demo: all
	tests/demo/demo.sh $(B)

# The pictures in the README: scenes of the demo, as they really went.
pictures: all
	tools/pictures.sh $(B) docs

# ---- installation ------------------------------------------------------------------------------

MAN_PAGES := $(wildcard src/man/*.1 src/man/*.5 src/man/*.7)

# The program writes them from its own tables.
SHELLS := bash zsh fish
COMPLETIONS := $(addprefix $(B)/completions/,$(SHELLS))
$(COMPLETIONS): $(B)/completions/%: $(B)/bin/hftoken
	$(Q)mkdir -p $(@D)
	$(Q)$< completion $* >$@

install: all $(COMPLETIONS)
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBEXECDIR) $(DESTDIR)$(MANDIR)/man1 \
		$(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man7 $(DESTDIR)$(BASHCOMPDIR) \
		$(DESTDIR)$(ZSHCOMPDIR) $(DESTDIR)$(FISHCOMPDIR)
	install -m 644 $(B)/completions/bash $(DESTDIR)$(BASHCOMPDIR)/hftoken
	install -m 644 $(B)/completions/zsh $(DESTDIR)$(ZSHCOMPDIR)/_hftoken
	install -m 644 $(B)/completions/fish $(DESTDIR)$(FISHCOMPDIR)/hftoken.fish
	install -m 755 $(B)/bin/hftoken $(DESTDIR)$(BINDIR)/hftoken
	for name in $(FRONTS); do ln -sf hftoken $(DESTDIR)$(BINDIR)/$$name || exit 1; done
	for program in $(filter $(B)/libexec/hftoken/%,$(PROGRAMS)); do [ ! -e $$program ] || \
		install -m 755 $$program $(DESTDIR)$(LIBEXECDIR)/ || exit 1; done
	for page in $(MAN_PAGES); do \
		install -m 644 $$page $(DESTDIR)$(MANDIR)/man$${page##*.}/ || exit 1; done

uninstall:
	$(if $(DESTDIR),,@tools/still-wired.sh $(abspath $(B)/bin/hftoken))
	rm -f $(DESTDIR)$(BINDIR)/hftoken $(addprefix $(DESTDIR)$(BINDIR)/,$(FRONTS))
	rm -f $(DESTDIR)$(BASHCOMPDIR)/hftoken $(DESTDIR)$(ZSHCOMPDIR)/_hftoken \
		$(DESTDIR)$(FISHCOMPDIR)/hftoken.fish
	for program in $(notdir $(PROGRAMS)); do rm -f $(DESTDIR)$(LIBEXECDIR)/$$program; done
	for page in $(notdir $(MAN_PAGES)); do \
		rm -f $(DESTDIR)$(MANDIR)/man$${page##*.}/$$page; done
	rmdir $(DESTDIR)$(LIBEXECDIR) 2>/dev/null || :

deps:
	tools/deps.sh $(if $(filter check%,$(MAKECMDGOALS)),check)

deps-lint:
	tools/deps.sh lint

dist:
	$(Q)mkdir -p $(B)
	git archive --prefix=hftoken-$(VERSION)/ HEAD | gzip -9n >$(B)/hftoken-$(VERSION).tar.gz
	@echo $(B)/hftoken-$(VERSION).tar.gz

clean:
	rm -rf build

help:
	@echo 'make                 build into build/; it runs from there'
	@echo 'make deps            install what building and testing need (Debian, Ubuntu)'
	@echo 'make deps demo       set up, and play the main job against the practice Hub'
	@echo 'make deps check      set up, and run all tests'
	@echo 'make check-unit      one group of tests; also check-stores, check-e2e,'
	@echo '                     check-interop, check-layers, check-docs'
	@echo 'make check-faults    every system call and allocation fails once; power cuts; takes half an'
	@echo '                     hour. check-faults-quick: a minute of it'
	@echo 'make check-force     crowds, damage, odd files, clocks, full disks, memory;'
	@echo '                     check-force-quick: a part of it, in about a minute'
	@echo 'make SANITIZE=1 check  the same with address and undefined-behaviour sanitizers'
	@echo 'make coverage        all tests, and which lines they reach'
	@echo 'make pictures        the pictures of the README, from the demo as it is now'
	@echo 'make bench           time and instructions, side by side with git-credential-store'
	@echo 'make fuzz            fuzz every parser; FUZZ_SECONDS=60 each; also fuzz-protocols,'
	@echo '                     fuzz-files, fuzz-hub, fuzz-names'
	@echo 'make fuzz-merge      keep the few inputs found that reach something new'
	@echo 'make deps-lint lint  format, clang-tidy, cppcheck, shellcheck, headers'
	@echo 'make install         PREFIX=/usr/local DESTDIR= BINDIR= LIBEXECDIR= MANDIR='
	@echo '                     BASHCOMPDIR= ZSHCOMPDIR= FISHCOMPDIR='
	@echo 'make uninstall       takes out what install put there'
	@echo 'make dist            a source archive'
	@echo 'STATIC=no links bin/hftoken with the shared libc.'
	@echo 'WITH_SECRET_SERVICE=0 leaves out the store for desktop keyrings (libsecret).'
	@echo 'DEVELOPER=1 makes warnings errors, V=1 shows commands.'

.PHONY: all check unit-tests check-unit check-replay check-stores check-e2e check-interop check-layers check-docs \
	check-faults check-faults-quick force-tools check-force check-force-quick \
	interop-clients lint format bench demo install uninstall deps deps-lint dist clean help coverage coverage-programs \
	pictures FORCE fuzz fuzzers fuzz-programs fuzz-merge $(addprefix fuzz-,$(FUZZ_GROUPS))
