# Fourpost: build, test, install.  GNU make.
#
#   make            build everything into $(O)
#   make deps       install all that any goal needs (apt, as root or by sudo);
#                   a goal installs by itself what it needs and is missing
#   make demo       two suites on loopback, one message end to end
#   make check      all tests          make check-slow   their long forms
#   make check-san  under ASan, UBSan  make fuzz         a minute a target
#   make sim SEEDS=1000                the simulator of the queue manager
#   make coverage   what the unit tests of store and qmgr and seeds run, with
#                   bounds; reasons for less stand in tests/uncovered
#   make lint       style and layers   make bench        figures
#   make install    PREFIX, DESTDIR    make deb      Debian's packages

,        := ,
O        ?= build
PREFIX   ?= /usr/local
DESTDIR  ?=
OPT      ?= -O2 -g
SAN      ?=
FUZZ_TIME ?= 60
# make V=1 shows the commands
Q        := $(if $(V),,@)

# Order is law: a layer includes only itself and those before it.
LAYERS   := base sqlite postgresql smtp ber tls osi mhs mime json conf mixer ipc relay track store check view worker client traffic
DAEMONS  := master qmgr x400out x400in msmi app mixer mixer-memory tracker \
            tracking-database console
TOOLS    := x4ctl x4queue x4send x4conf x4check x4ping x4decode x4track
PEERS    := x4source x4sink record cut

PKGS     := libbsd-overlay lmdb libevent jansson libseccomp libxxhash openssl sqlite3 \
            libmicrohttpd libpq
# Debian's packages: those of a build, and those that tests and lint add.
BUILD_DEBS := gcc libc6-dev make pkg-config libbsd-dev liblmdb-dev \
            libevent-dev libjansson-dev libseccomp-dev libxxhash-dev libssl-dev \
            libsqlite3-dev libmicrohttpd-dev libpq-dev
CHECK_DEBS := check tshark haproxy clang libclang-rt-14-dev clang-format cppcheck \
            mandoc shellcheck iproute2 openssl stunnel4 python3-jsonschema \
            libgmime-3.0-dev
DEMO_DEBS := python3
PACKAGE_DEBS := debhelper lintian fakeroot
DEBS     := $(BUILD_DEBS) $(CHECK_DEBS) $(DEMO_DEBS)
CHECKERS := tshark haproxy clang clang-format cppcheck mandoc shellcheck ip openssl stunnel

WARN     := -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion \
            -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
            -Wcast-qual -Wformat=2 -Wundef -Wvla -Wwrite-strings \
            -Wimplicit-fallthrough -Wswitch-enum -Werror
# What the machine's compiler has against a hijacked flow of control.  Debian's
# crt objects are not marked for IBT, and so no program is; ours are.
CONTROL  := $(shell for f in -fcf-protection=full -mbranch-protection=standard; \
            do $(CC) -Werror $$f -E -x c /dev/null >/dev/null 2>&1 && echo $$f; \
            done)
# Sanitizers look at what fortified functions would hide from them.
FORTIFY  := $(if $(SAN)$(filter -O0,$(OPT)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
HARDEN   := -fstack-protector-strong -fstack-clash-protection $(CONTROL) -fPIE
CPPFLAGS += -D_GNU_SOURCE -Icommon -I.
CFLAGS   += -std=c11 $(OPT) $(FORTIFY) $(HARDEN) $(WARN) $(SAN) \
            -ffunction-sections
# A program loads only the libraries that it calls: qmgr has no TLS.
LDFLAGS  += -pie -Wl,-z,relro,-z,now -Wl,--as-needed \
            $(if $(filter -fcf-protection=full,$(CONTROL)),-Wl$(,)-z$(,)shstk) \
            $(SAN)

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules

# Flags of the libraries; the rules install what is missing first.  Whoever only
# builds and installs needs neither Check nor tshark, clang and the analysers.
BUILDS   := all install demo $(O)/bin/% $(O)/libexec/% $(O)/peers/% $(O)/lib/lib%
ifneq ($(filter-out clean deps,$(or $(MAKECMDGOALS),all)),)
include $(O)/flags.mk
endif
ifneq ($(filter-out clean deps $(BUILDS),$(MAKECMDGOALS)),)
include $(O)/check.mk
endif

$(O)/flags.mk: Makefile
	@{ command -v $(firstword $(CC)) && pkg-config --exists $(PKGS); } \
	    >/dev/null 2>&1 || \
	    $(MAKE) --no-print-directory deps DEBS='$(BUILD_DEBS)'
	@mkdir -p $(O)
	@{ echo "PKG_CFLAGS := $$(pkg-config --cflags $(PKGS))"; \
	   echo "PKG_LIBS := $$(pkg-config --libs $(PKGS))"; } >$@.tmp
	@mv $@.tmp $@

$(O)/check.mk: Makefile $(O)/flags.mk
	@pkg-config --exists check gmime-3.0 2>/dev/null && \
	    (PATH=$$PATH:/usr/sbin; for p in $(CHECKERS); do command -v $$p || exit 1; done) \
	    >/dev/null && python3 -c 'import jsonschema' 2>/dev/null && \
	    ls /usr/lib/llvm-*/lib/clang/*/lib/linux/*fuzzer* \
	    >/dev/null 2>&1 || $(MAKE) --no-print-directory deps
	@{ echo "CHECK_CFLAGS := $$(pkg-config --cflags check)"; \
	   echo "CHECK_LIBS := $$(pkg-config --libs check)"; \
	   echo "ORACLE_CFLAGS := $$(pkg-config --cflags gmime-3.0 | \
	       sed 's/-I/-isystem /g')"; \
	   echo "ORACLE_LIBS := $$(pkg-config --libs gmime-3.0)"; } >$@.tmp
	@mv $@.tmp $@

.PHONY: deps
deps:
	@echo "installing what is missing: $(DEBS)"
	@sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	$$sudo apt-get update -qq && \
	echo "wireshark-common wireshark-common/install-setuid boolean false" | \
	    $$sudo debconf-set-selections && \
	$$sudo env DEBIAN_FRONTEND=noninteractive \
	    apt-get install -y -qq --no-install-recommends $(DEBS) >/dev/null

# --- objects and libraries -------------------------------------------------

# A program or a layer may have rooms: subdirectories, see tests/lint/calls.
objects   = $(patsubst %.c,$(O)/obj/%.o,$(sort $(wildcard $(1)/*.c $(1)/*/*.c)))
# Rooms of another program that are programs of their own.
home      = $(patsubst tracking-database,tracker/copier,$(patsubst \
            mixer-memory,mixer/memory,$(1)))
program   = $(filter-out $(patsubst mixer,$(O)/obj/mixer/memory/%,$(patsubst \
            tracker,$(O)/obj/tracker/copier/%,$(1))),$(call objects,$(home)))
upto      = $(if $(filter $(1),$(LAYERS)),$(wordlist 1,$(words $(shell \
            echo '$(LAYERS)' | sed 's/\b$(1)\b.*/$(1)/')),$(LAYERS)),$(LAYERS))
LAYER_LIB = $(O)/lib/lib$(1).a
LIB      := $(O)/lib/libfourpost.a

# Two files alone are compiled again when the release changes.
$(O)/obj/common/base/version.o $(O)/fuzzobj/common/base/version.o: VERSION
$(O)/obj/common/base/version.o $(O)/fuzzobj/common/base/version.o: \
    CPPFLAGS += -DFOURPOST_VERSION='"$(shell cat VERSION)"'

# The page of the console is read by the assembler.
$(O)/obj/console/page.o $(O)/fuzzobj/console/page.o: \
    $(wildcard console/*.html console/*.css console/*.js)

$(O)/obj/tests/%.o: CPPFLAGS += $(CHECK_CFLAGS)
# A second reader of MIME, in tests alone.
$(O)/obj/tests/unit/mixer/oracle.o: CPPFLAGS += $(ORACLE_CFLAGS)
$(O)/obj/%.o: %.c $(O)/flags.mk
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

define layer_rule
$(call LAYER_LIB,$(1)): $(call objects,common/$(1))
	@mkdir -p $$(@D); rm -f $$@
	@echo "  AR    $$@"
	$$(Q)$(AR) qcs $$@ $$^
endef
$(foreach l,$(LAYERS),$(eval $(call layer_rule,$(l))))

$(LIB): $(foreach l,$(LAYERS),$(call objects,common/$(l)))
	@mkdir -p $(@D); rm -f $@
	@echo "  AR    $@"
	$(Q)$(AR) qcs $@ $^

# --- programs --------------------------------------------------------------

# Named so that none is taken for a program of Postfix on the same host.
LIBEXEC  := $(addprefix $(O)/libexec/fourpost/fourpost-,$(DAEMONS))
BIN      := $(addprefix $(O)/bin/,$(TOOLS))
PEERBIN  := $(addprefix $(O)/peers/,$(PEERS))
PRELOAD  := $(O)/peers/slow_disk.so

define daemon_rule
$(O)/libexec/fourpost/fourpost-$(1): $(call program,$(1)) $(LIB)
	@mkdir -p $$(@D)
	@echo "  LD    $$@"
	$$(Q)$$(CC) $$(LDFLAGS) -o $$@ $$^ $$(PKG_LIBS)
endef
$(foreach d,$(DAEMONS),$(eval $(call daemon_rule,$(d))))

# A directory of several programs: NAME.c holds main, the rest is shared.
shared    = $(filter-out $(addprefix $(O)/obj/$(1)/,$(addsuffix .o,$(2))),\
            $(call objects,$(1)))
define program_rule
$(1)/$(2): $(O)/obj/$(3)/$(2).o $(call shared,$(3),$(4)) $(LIB)
	@mkdir -p $$(@D)
	@echo "  LD    $$@"
	$$(Q)$$(CC) $$(LDFLAGS) -o $$@ $$^ $$(PKG_LIBS)
endef
$(foreach t,$(TOOLS),$(eval $(call program_rule,$(O)/bin,$(t),tools,$(TOOLS))))
$(foreach p,$(PEERS),$(eval $(call program_rule,$(O)/peers,$(p),tests/peers,$(PEERS))))

# What tests put between a program and the disk.
$(O)/peers/%.so: tests/preload/%.c
	@mkdir -p $(@D)
	@echo "  LD    $@"
	$(Q)$(CC) $(CPPFLAGS) $(filter-out -fPIE $(SAN),$(CFLAGS)) -fPIC -shared -o $@ $<

# What the linker can leave out of each program, for tests/lint/dead.
UNUSED   := $(patsubst %,$(O)/lint/%.unused,$(DAEMONS) $(TOOLS))
define unused_rule
$(O)/lint/$(1).unused: $(2) $(foreach l,$(LAYERS),$(call objects,common/$(l)))
	@mkdir -p $$(@D)
	$$(Q){ printf 'linked %s\n' $$^; $$(CC) $$(LDFLAGS) -Wl,--gc-sections \
	    -Wl,--print-gc-sections -o $$@.out $$^ $$(PKG_LIBS) 2>&1; } >$$@
	@rm -f $$@.out
endef
$(foreach d,$(DAEMONS),$(eval $(call unused_rule,$(d),$(call program,$(d)))))
$(foreach t,$(TOOLS),$(eval $(call unused_rule,$(t),\
    $(O)/obj/tools/$(t).o $(call shared,tools,$(TOOLS)))))

.PHONY: all
all: $(LIBEXEC) $(BIN) $(PEERBIN) $(PRELOAD)

# --- tests -----------------------------------------------------------------

UNIT     := $(sort $(wildcard tests/unit/*/*_test.c))
UNITBIN  := $(patsubst tests/%.c,$(O)/tests/%,$(UNIT))
SYSTEM   := $(sort $(wildcard tests/system/*_test.c tests/fault/*_test.c))
SYSBIN   := $(patsubst tests/%.c,$(O)/tests/%,$(SYSTEM))
FUZZ     := $(sort $(wildcard tests/fuzz/*_fuzz.c))
REPLAY   := $(patsubst tests/%.c,$(O)/tests/%,$(FUZZ))
HARNESS   = $(filter-out %_test.o,$(call objects,tests/system) \
            $(call objects,tests/fault) $(call objects,tests/bench)) $(O)/obj/tests/unit/tls/pki.o \
            $(O)/obj/tests/unit/mhs/five_bodies.o \
            $(O)/obj/tests/unit/store/tail.o \
            $(O)/obj/tests/unit/mhs/ipm_record.o

# A unit test of a layer links with that layer and those before it; one of a
# program with the program's objects but main.  What else its own directory in
# tests/unit holds is linked with it, and what it uses of other directories.
# The tests of the store have the checker, which is above it, as their oracle.
TESTLIB  := $(O)/lib/libtests.a
SUPPORT  := $(patsubst %.c,$(O)/obj/%.o,\
            $(filter-out %_test.c,$(sort $(wildcard tests/unit/*/*.c))))
$(TESTLIB): $(SUPPORT)
	@mkdir -p $(@D); rm -f $@
	@echo "  AR    $@"
	$(Q)$(AR) qcs $@ $^
without_main = $(filter-out $(O)/obj/$(home)/main.o,$(call program,$(1)))
define unit_rule
$(O)/tests/unit/$(1)/%: $(O)/obj/tests/unit/$(1)/%.o \
    $(filter $(O)/obj/tests/unit/$(1)/%,$(SUPPORT)) $(TESTLIB) \
    $(if $(filter $(1),$(LAYERS)),$(foreach l,$(call upto,$(patsubst store,check,$(1))),$(call LAYER_LIB,$(l))),\
    $(if $(filter tools,$(1)),$(call shared,tools,$(TOOLS)),$(call without_main,$(1))) $(LIB))
	@mkdir -p $$(@D)
	@echo "  LD    $$@"
	$$(Q)$$(CC) $$(LDFLAGS) -o $$@ $$(filter %.o,$$^) -Wl,--start-group \
	    $$(filter %.a,$$^) -Wl,--end-group $$(PKG_LIBS) $$(CHECK_LIBS) $$(ORACLE_LIBS)
endef
$(foreach d,$(sort $(LAYERS) $(DAEMONS) tools),$(eval $(call unit_rule,$(d))))
# a server of PostgreSQL
$(filter $(O)/tests/unit/tracker/% $(O)/tests/unit/tracking-database/%,$(UNITBIN)): \
    $(patsubst %,$(O)/obj/tests/system/%.o,cluster suite)
# they run the programs
$(O)/tests/unit/tools/x4conf_test: $(O)/bin/x4conf
$(O)/tests/unit/tools/decode_mime_test: $(O)/bin/x4decode
$(foreach d,x400in x400out,$(eval $(filter $(O)/tests/unit/$(d)/%,$(UNITBIN)): \
    | $(O)/libexec/fourpost/fourpost-$(d)))

define system_rule
$(O)/tests/$(1)/%: $(O)/obj/tests/$(1)/%.o $(HARNESS) $(LIB)
	@mkdir -p $$(@D)
	@echo "  LD    $$@"
	$$(Q)$$(CC) $$(LDFLAGS) -o $$@ $$^ $$(PKG_LIBS) $$(CHECK_LIBS) -lm
endef
$(foreach d,system fault bench,$(eval $(call system_rule,$(d))))

# What reads the requests of a program: the rest of app has names of msmi's.
FUZZAPP  := $(patsubst %,$(O)/obj/app/%.o,request program following)

# The seeds of a fuzz target through it, without libFuzzer.
$(O)/tests/fuzz/%: $(O)/obj/tests/fuzz/%.o $(O)/obj/tests/fuzz/replay.o \
    $(O)/obj/tests/unit/ber/trace.o $(call without_main,msmi) \
    $(call without_main,console) $(call without_main,tracker) \
    $(FUZZAPP) $(LIB)
	@mkdir -p $(@D)
	@echo "  LD    $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(CHECK_LIBS)

# The simulator of the queue manager: the real rooms and store, all else is
# played; its definitions take the place of libc's (tests/sim).  Sanitizers have
# a malloc of their own, so it is left out there.
SIM      := $(O)/tests/sim/sim
$(SIM): $(call objects,tests/sim) $(call without_main,qmgr) $(LIB)
	@mkdir -p $(@D)
	@echo "  LD    $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# The same with a mended fault put back, for each patch; see sabotage/run.
SABOTAGED := $(patsubst tests/sim/sabotage/%.patch,$(O)/sabotage/%/sim,\
            $(sort $(wildcard tests/sim/sabotage/*.patch)))
$(O)/sabotage/%/sim: tests/sim/sabotage/%.patch $(SIM)
	@rm -rf $(@D) && mkdir -p $(@D)
	@echo "  SIM   $<"
	$(Q)file=$$(sed -n 's|^+++ b/||p' $<) && \
	patch -s -o $(@D)/changed.c $$file $< && \
	$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) -c -o $(@D)/changed.o \
	    $(@D)/changed.c && \
	$(CC) $(LDFLAGS) -o $@ $(@D)/changed.o \
	    $$(echo $(filter %.o,$(call objects,tests/sim) \
	    $(call without_main,qmgr)) | tr ' ' '\n' | \
	    grep -v "/$${file%.c}\.o$$") $(LIB) $(PKG_LIBS)

# make check TEST_JOBS=1: one test program after the other; see tests/run
RUN_JOBS  = $(if $(TEST_JOBS),-j $(TEST_JOBS))

.PHONY: unit check check-slow check-san lint bench demo fuzz sim sabotage \
        coverage coverage-here postfix postgresql
# make sim SEEDS=1000 FIRST=1
sim: $(SIM)
	@$(SIM) -j $$(getconf _NPROCESSORS_ONLN) -f $(or $(FIRST),1) $(or $(SEEDS),1000)
sabotage: $(SIM) $(SABOTAGED)
	@tests/sim/sabotage/run $(SIM) $(SABOTAGED)
# What tests against Postfix run, if root runs them and none is installed.
POSTFIX  := $(O)/postfix/usr/lib/postfix/sbin/master
postfix:
	@[ -x /usr/lib/postfix/sbin/master ] || [ -x $(POSTFIX) ] || \
	    [ "$$(id -u)" != 0 ] || \
	    tests/system/unpack.sh postfix $(O)/postfix usr/lib/postfix || \
	    echo "no Postfix to be had: its tests are skipped"
# What tests against PostgreSQL run, likewise.
postgresql:
	@ls /usr/lib/postgresql/*/bin/initdb \
	    $(O)/postgresql/usr/lib/postgresql/*/bin/initdb 2>/dev/null | grep -q . || \
	    tests/system/unpack.sh postgresql $(O)/postgresql usr/lib/fourpost || \
	    echo "no PostgreSQL to be had: its tests are skipped"
# make unit-ber: the unit tests of one directory.  No make of its own builds
# them, because two such goals at once would both write $(TESTLIB).
define unit_goal
.PHONY: unit-$(1)
unit-$(1): $(filter $(O)/tests/unit/$(1)/%,$(UNITBIN))
	@tests/run $$(RUN_JOBS) $(O) $$^
endef
$(foreach d,$(sort $(LAYERS) $(DAEMONS) tools),$(eval $(call unit_goal,$(d))))
unit: $(UNITBIN)
	@tests/run $(RUN_JOBS) $(O) $(UNITBIN)
check: all postfix postgresql $(UNITBIN) $(REPLAY) $(SYSBIN) $(if $(SAN),,$(SIM) $(UNUSED))
	@lint=0; $(if $(SAN),,tests/lint/run $(O) || lint=1;) \
	tests/run $(RUN_JOBS) $(O) $(SYSBIN) $(UNITBIN) $(if $(SAN),,$(SIM)) \
	    $(REPLAY) && exit $$lint
check-slow: all postfix postgresql $(UNITBIN) $(SYSBIN) $(SIM) $(SABOTAGED)
	@FOURPOST_TEST_LONG=1 tests/run $(RUN_JOBS) $(O) $(SYSBIN) $(UNITBIN) \
	    $(SIM) && tests/sim/sabotage/run $(SIM) $(SABOTAGED)
# Unit tests of the store, its checker and qmgr, and the simulator.
COVERING := $(filter $(foreach d,store check qmgr,$(O)/tests/unit/$(d)/%),$(UNITBIN))
coverage:
	@$(MAKE) --no-print-directory O=$(O)/coverage OPT='-O1 -g' \
	    SAN='--coverage -Wl,-u,__gcov_dump' coverage-here
coverage-here: $(COVERING) $(SIM)
	@tests/run $(RUN_JOBS) $(O) $(COVERING) $(SIM); \
	tests/coverage $(O) common/store qmgr
check-san:
	@CK_TIMEOUT_MULTIPLIER=3 $(MAKE) --no-print-directory O=$(O)/san OPT='-O1 -g' \
	    TEST_JOBS=$(or $(TEST_JOBS),$$(getconf _NPROCESSORS_ONLN)) \
	    SAN='-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer' check
lint: all $(UNUSED)
	@tests/lint/run $(O) --all
# make bench PROFILES="slow_disk storm": those alone
BENCH    := $(patsubst tests/%.c,$(O)/tests/%,$(sort $(wildcard tests/bench/*_test.c)))
bench: all postfix postgresql $(BENCH) $(O)/tests/system/interchange_test
	@tests/bench/run $(O) $(PROFILES)
demo: all
	@command -v python3 >/dev/null || \
	    $(MAKE) --no-print-directory deps DEBS='$(DEMO_DEBS)'
	@tests/system/demo.sh $(O)

# --- fuzzing ---------------------------------------------------------------

FUZZBIN  := $(patsubst tests/fuzz/%.c,$(O)/fuzz/%,$(FUZZ))
FUZZSAN  := -fsanitize=fuzzer-no-link,address,undefined \
            -fno-sanitize-recover=undefined

$(O)/fuzzobj/%.o: %.c $(O)/flags.mk
	@mkdir -p $(@D)
	@echo "  FUZZ  $<"
	$(Q)clang $(CPPFLAGS) $(PKG_CFLAGS) -std=c11 -O1 -g $(FUZZSAN) -MMD -MP \
	    -c -o $@ $<
$(O)/fuzz/%: $(O)/fuzzobj/tests/fuzz/%.o $(O)/fuzzobj/tests/unit/ber/trace.o \
    $(patsubst $(O)/obj/%,$(O)/fuzzobj/%,\
    $(foreach l,$(LAYERS),$(call objects,common/$(l))) $(call without_main,msmi) \
    $(call without_main,console) $(call without_main,tracker) $(FUZZAPP))
	@mkdir -p $(@D)
	$(Q)clang -fsanitize=fuzzer,address,undefined -o $@ $^ $(PKG_LIBS)
fuzz: $(FUZZBIN)
	@tests/fuzz/run $(O) $(FUZZ_TIME) $(FUZZBIN)

# --- installation ----------------------------------------------------------

# What is made for the journal and the shells: of the page of events, and of
# what the tools print for --help.
SHARE    := $(O)/share
BASHCOMP := $(patsubst %,$(SHARE)/bash/%,$(TOOLS))
MADE     := $(SHARE)/fourpost.catalog $(SHARE)/_fourpost $(BASHCOMP)
DOCS     := README.md INSTALL NEWS ARCHITECTURE CONTRIBUTING LICENSE
EXAMPLES := $(wildcard examples/*.py examples/*.sh)
LIBDIR   := $(DESTDIR)$(PREFIX)/lib
DATADIR  := $(DESTDIR)$(PREFIX)/share
# Only under /usr do Debian's shells and its service manager look everywhere.
UNITDIR  ?= /lib/systemd/system
ZSHDIR   := $(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)

$(SHARE)/fourpost.catalog: common/base/event.h common/base/journal.c \
    man/fourpost-events.8 conf/catalog.awk
	@mkdir -p $(@D)
	$(Q)awk -f conf/catalog.awk $(filter-out %.awk,$^) >$@
$(SHARE)/bash/%: $(O)/bin/% conf/completion.awk
	@mkdir -p $(@D)
	$(Q)$< --help | awk -f conf/completion.awk -v shell=bash >$@
$(SHARE)/_fourpost: $(BIN) conf/completion.awk
	@mkdir -p $(@D)
	$(Q)for tool in $(BIN); do $$tool --help || exit 1; done | \
	    awk -f conf/completion.awk -v shell=zsh >$@

.PHONY: install clean deb
install: all $(MADE)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/fourpost \
	    $(DESTDIR)/etc/fourpost $(DESTDIR)/etc/logrotate.d \
	    $(DESTDIR)$(UNITDIR) $(LIBDIR)/sysusers.d $(LIBDIR)/tmpfiles.d \
	    $(LIBDIR)/systemd/catalog $(LIBDIR)/ocf/resource.d/fourpost \
	    $(DATADIR)/doc/fourpost/examples $(DATADIR)/doc/fourpost/postfix \
	    $(DATADIR)/fourpost \
	    $(DATADIR)/bash-completion/completions $(DATADIR)/zsh/$(ZSHDIR) \
	    $(addprefix $(DATADIR)/man/man,1 5 7 8)
	install $(BIN) $(DESTDIR)$(PREFIX)/bin
	install $(LIBEXEC) $(DESTDIR)$(PREFIX)/libexec/fourpost
	install -m 644 conf/fourpost.conf.sample $(DESTDIR)/etc/fourpost
	install -m 644 conf/logrotate $(DESTDIR)/etc/logrotate.d/fourpost
	install -m 644 conf/sysusers $(LIBDIR)/sysusers.d/fourpost.conf
	install -m 644 conf/tmpfiles $(LIBDIR)/tmpfiles.d/fourpost.conf
	install -m 644 $(SHARE)/fourpost.catalog $(LIBDIR)/systemd/catalog
	install conf/ocf/fourpost $(LIBDIR)/ocf/resource.d/fourpost
	install -m 644 $(BASHCOMP) $(DATADIR)/bash-completion/completions
	install -m 644 $(SHARE)/_fourpost $(DATADIR)/zsh/$(ZSHDIR)
	install -m 644 $(DOCS) $(DATADIR)/doc/fourpost
	install $(EXAMPLES) $(DATADIR)/doc/fourpost/examples
	install -m 644 $(wildcard conf/postfix/*) $(DATADIR)/doc/fourpost/postfix
	install -m 644 examples/README $(DATADIR)/doc/fourpost/examples
	install -m 644 common/json/fourpost.schema.json $(DATADIR)/fourpost
	sed 's|@PREFIX@|$(PREFIX)|' conf/fourpost.service \
	    >$(DESTDIR)$(UNITDIR)/fourpost.service
	for s in 1 5 7 8; do install -m 644 man/*.$$s $(DATADIR)/man/man$$s; done

# The packages come to lie in $(O)/deb.  Debian's tools write beside the tree
# that they build, so they get a copy of what git tracks.
deb:
	@command -v dh lintian >/dev/null || \
	    $(MAKE) --no-print-directory deps DEBS='$(BUILD_DEBS) $(PACKAGE_DEBS)'
	@rm -rf $(O)/deb && mkdir -p $(O)/deb/fourpost
	@git ls-files -z | xargs -0 cp --parents -t $(O)/deb/fourpost
	@cd $(O)/deb/fourpost && dpkg-buildpackage -us -uc -b
	@lintian --fail-on error,warning $(O)/deb/fourpost_*.changes
clean:
	rm -rf $(O)

-include $(shell find $(O) -path $(O)/deb -prune -o -name '*.d' -type f -print \
    2>/dev/null)
