//! README and docs against the program: options, variables, config keys, JSON members, exit statuses, links.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex_lite::Regex;
use serde_json::Value;

use crate::support::{CONFIG, CREDENTIALS, Home, MFA, ROLE, Run, rolenv, world};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn reference() -> String {
    text("docs/reference.md") + &text("docs/mfa.md")
}

fn all(pattern: &str, text: &str) -> BTreeSet<String> {
    let pattern = Regex::new(pattern).expect("a pattern");
    let found = pattern.captures_iter(text).filter_map(|found| found.get(1));
    found.map(|found| found.as_str().to_owned()).collect()
}

fn difference(what: &str, code: &BTreeSet<String>, docs: &BTreeSet<String>) {
    let missing: Vec<_> = code.difference(docs).collect();
    let unknown: Vec<_> = docs.difference(code).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "{what}: not in docs/reference.md: {missing:?}; not in the program: {unknown:?}"
    );
}

#[test]
fn options_are_those_of_the_help() {
    let home = Home::empty();
    let mut options = BTreeSet::new();
    for command in ["assume", "clear", "explain", "status", "cache list", "cache clear"] {
        let run = Run::of(home.command(rolenv()).arg("help").args(command.split(' ')));
        options.extend(all(r"(?m)^ +(?:-\w, )?(--[a-z-]+)", &run.stdout));
    }
    assert!(options.len() > 20, "{options:?}");
    let docs = all(r"`(?:-\w`, `)?(--[a-z-]+)", &text("docs/reference.md"));
    // An option of docker.
    let docs = docs.into_iter().filter(|option| option != "--env-file").collect();
    difference("options", &options, &docs);
}

#[test]
fn variables_are_those_that_the_program_names() {
    let named = |text: &str| all(r"\b((?:AWS|ROLENV)_[A-Z0-9_]+|REQUESTS_CA_BUNDLE)\b", text);
    let read = rolenv::env::variables::ALL.iter().copied();
    let set = rolenv::env::Var::ALL.iter().map(|var| var.name());
    let code = named(&read.chain(set).collect::<Vec<_>>().join(" "));
    let mut docs = named(&reference());
    docs.extend(named(&text("docs/troubleshooting.md")));
    difference("variables", &code, &docs);
}

#[test]
fn config_keys_are_documented() {
    let keys = rolenv::config::keys::ALL;
    let docs = reference();
    let missing: Vec<_> = keys.iter().filter(|key| !docs.contains(&format!("`{key}"))).collect();
    assert!(
        missing.is_empty(),
        "not in docs/reference.md or docs/mfa.md: {missing:?}"
    );
}

/// The names of all members, but for parameters and policies, which are named by AWS.
fn members(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members_of) => {
            for (name, value) in members_of {
                found.insert(name.clone());
                if !["parameters", "permission_policy", "trust_policy", "placeholders"].contains(&name.as_str()) {
                    members(value, found);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| members(value, found)),
        _ => {}
    }
}

#[test]
fn json_members_are_documented() {
    let sts = world().start();
    let home = Home::new(&sts);
    for arguments in [&["chained"][..], &["secured", "--mfa-code", "123456"]] {
        let run = home.rolenv(&[&["assume", "--format", "json"], arguments].concat());
        assert_eq!(run.status, Some(0), "{run:?}");
    }
    let mut found = BTreeSet::new();
    for command in [
        &["explain", "chained", "--json"][..],
        &["explain", "secured", "--json"],
        &["status", "--json"],
        &["cache", "list", "--json"],
        &["cache", "clear", "--json"],
    ] {
        let run = home.rolenv(command);
        members(&serde_json::from_str(&run.stdout).expect("JSON"), &mut found);
    }
    let keys = home.set("AWS_ACCESS_KEY_ID", crate::support::KEY.0);
    let keys = keys
        .set("AWS_SECRET_ACCESS_KEY", crate::support::KEY.1)
        .set("AWS_REGION", "eu-west-1");
    let run = keys.rolenv(&["status", "--verify", "--json"]);
    members(&serde_json::from_str(&run.stdout).expect("JSON"), &mut found);
    for name in [
        "expires_at",
        "chain_length",
        "renew_command",
        "temporary_files",
        "user_id",
    ] {
        assert!(found.contains(name), "{name} is printed: {found:?}");
    }
    let docs = text("docs/reference.md");
    let is_documented = |name: &&String| {
        docs.contains(&format!("`{name}`"))
            || docs.contains(&format!("].{name}`"))
            || docs.contains(&format!("\"{name}\""))
    };
    let missing: Vec<_> = found.iter().filter(|name| !is_documented(name)).collect();
    assert!(missing.is_empty(), "not in docs/reference.md: {missing:?}");
}

#[test]
fn exit_statuses_are_documented() {
    let sts = world().start();
    let status = |home: Home, arguments: &[&str]| home.rolenv(arguments).status;
    let seen = [
        (
            0,
            status(Home::new(&sts), &["assume", "marketingadmin", "--format", "json"]),
        ),
        (1, status(Home::new(&sts), &["assume", "gone"])),
        (2, status(Home::new(&sts), &["assume", "--bogus"])),
        (3, status(Home::new(&sts), &["status"])),
    ];
    let docs = text("docs/reference.md");
    for (expected, seen) in seen {
        assert_eq!(seen, Some(expected));
        assert!(docs.contains(&format!("\n| {expected} | ")), "{expected}");
    }
    assert!(docs.contains("\n| 130 | "));
}

#[test]
fn readme_is_short_and_its_example_works() {
    let readme = text("README.md");
    assert!(readme.lines().count() < 200);
    let sts = world().start();
    let home = Home::with(CONFIG, CREDENTIALS).set("AWS_ENDPOINT_URL_STS", sts.url());
    // The roles of its examples are those of the tests.
    assert!(readme.contains(ROLE) && readme.contains("(mfa/ana)") && MFA.ends_with(":mfa/ana"));
    assert_eq!(
        home.rolenv(&["assume", "marketingadmin", "--format", "json"]).status,
        Some(0)
    );
}

#[test]
fn links_lead_somewhere() {
    let mut pages: Vec<PathBuf> = ["README.md", "CONTRIBUTING.md"].map(PathBuf::from).to_vec();
    let docs = fs::read_dir(root().join("docs")).expect("docs");
    pages.extend(docs.map(|entry| Path::new("docs").join(entry.expect("a page").file_name())));
    pages.retain(|page| page.extension().is_some_and(|extension| extension == "md"));
    let anchors = |page: &Path| -> BTreeSet<String> {
        let text = fs::read_to_string(root().join(page)).unwrap_or_default();
        let headings = text.lines().filter(|line| line.starts_with('#'));
        let anchor = |line: &str| {
            let kept = line.trim_start_matches('#').trim().to_lowercase();
            let kept: String = kept
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
                .collect();
            kept.replace(' ', "-")
        };
        headings.map(anchor).collect()
    };
    let mut count = 0;
    for page in &pages {
        let text = fs::read_to_string(root().join(page)).expect("a page");
        for link in all(r"\]\(([^)]+)\)", &text) {
            if link.starts_with("http") {
                continue;
            }
            count += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match path {
                "" => page.clone(),
                path => page.parent().expect("a directory").join(path),
            };
            assert!(root().join(&target).exists(), "{}: {link}", page.display());
            assert!(
                anchor.is_empty() || anchors(&target).contains(anchor),
                "{}: {link}: {:?}",
                page.display(),
                anchors(&target)
            );
        }
    }
    assert!(count > 10, "{count} links");
}
