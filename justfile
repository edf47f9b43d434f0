# Shorthands for plain cargo commands; `just --list` shows them. None is needed: each line works as it is.

# Format, lints
check:
    cargo fmt --check
    cargo clippy --locked --all-targets -- -D warnings

# The whole test suite
test:
    cargo test

# Accept what snapshots, lint cases and generated documents are now; then read the diff
bless:
    INSTA_UPDATE=always HOOKCTL_BLESS=1 cargo test
    git diff --stat

# All benches, or one: just bench fire
bench *name:
    cargo bench {{ if name == "" { "" } else { "--bench " + name } }}

# The API's documentation
docs:
    cargo doc --no-deps --document-private-items

# Random templates against Twig itself; needs PHP with Twig 3
oracle cases="20000":
    HOOKCTL_TWIG_CASES={{cases}} cargo test --test dialect_oracle

# `fire` against servers and proxies that are installed here
peers *parts:
    cargo build
    tests/peers/run {{parts}}

# Licences, sources and duplicates of dependencies; needs cargo-deny
deny:
    cargo deny check

# The sample project: lint, render, fire
demo:
    ./demo
