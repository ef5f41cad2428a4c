//! Only the entries in question change, whatever the file looks like.

use proptest::prelude::*;
use proptest::sample::select;

use super::super::{FileKind, Profile, Profiles};
use super::*;

const ENTRIES: [KeyValue<'_>; 4] = [
    ("k", Some("new")),
    ("token", Some("t=#;[x]")),
    ("gone", None),
    ("never", None),
];

fn on(text: &str) -> String {
    String::from_utf8_lossy(&edited(text.as_bytes(), "p", &ENTRIES)).into_owned()
}

#[test]
fn entries_are_changed_where_they_stand() {
    for (before, after) in [
        ("", "[p]\nk = new\ntoken = t=#;[x]\n"),
        ("[a]\nk = v\n", "[a]\nk = v\n\n[p]\nk = new\ntoken = t=#;[x]\n"),
        (
            "[a]\r\nk = v",
            "[a]\r\nk = v\r\n\r\n[p]\r\nk = new\r\ntoken = t=#;[x]\r\n",
        ),
        ("# c\n\n", "# c\n\n[p]\nk = new\ntoken = t=#;[x]\n"),
        // Spelling, order, comments and all other keys stay.
        (
            "[p] # c\n# d\nother=1\nK:old\n\n; e\ngone=x\ntoken  =   t  \nlast = 2\n\n# f\n[b]\nk = v",
            "[p] # c\n# d\nother=1\nK:new\n\n; e\ntoken  =   t=#;[x]\nlast = 2\n\n# f\n[b]\nk = v",
        ),
        ("[p]\nk =\ntoken=", "[p]\nk = new\ntoken= t=#;[x]"),
        // A file that ends without a line break does so again.
        ("[p]\nk = v", "[p]\nk = new\ntoken = t=#;[x]"),
        ("[p]", "[p]\nk = new\ntoken = t=#;[x]"),
        ("[p]\r\na=1\r\ngone=1", "[p]\r\na=1\r\nk = new\r\ntoken = t=#;[x]\r\n"),
        // An added line is neither taken for the end of a value, nor what follows for the end of it.
        ("[p]\n  a = 1\n", "[p]\n  a = 1\n  k = new\n  token = t=#;[x]\n"),
        ("[p]\n# c\n\t[b]\n", "[p]\n\tk = new\n\ttoken = t=#;[x]\n# c\n\t[b]\n"),
        (
            "[p]\na =\n  x = 1\n\n  y = 2\n\n[b]\n",
            "[p]\na =\n  x = 1\n\n  y = 2\nk = new\ntoken = t=#;[x]\n\n[b]\n",
        ),
        (
            "[p]\ngone = 1\n  # c\n\n  2\nk = v\ntoken = t\n",
            "[p]\n  # c\n\nk = new\ntoken = t=#;[x]\n",
        ),
    ] {
        assert_eq!(on(before), after, "{before:?}");
        assert_eq!(on(after), after, "{before:?}");
    }
}

#[test]
fn names_and_values_that_a_file_cannot_hold() {
    for name in ["", "DEFAULT", "a]", "a\nb", "\u{1}", " a", "a\t", "a\u{a0}", "\u{85}"] {
        assert!(check_name(name).is_err(), "{name:?}");
    }
    let files = Files::in_memory("", "");
    for name in [
        "a",
        "default",
        "a b",
        "#a",
        "[a",
        "a=b",
        "it's \"\u{fc}\"",
        "profile a",
        "\u{fc}",
    ] {
        let text = files.edited(name, &ENTRIES).unwrap_or_default();
        let files = Files::in_memory("", text);
        let profiles = Profiles::parse(&files);
        let profile = profiles.profile(name).ok().flatten();
        let value = profile.and_then(|profile| profile.get("k"));
        assert_eq!(value.map(|value| value.value), Some("new"), "{name:?}");
        assert!(profiles.problems().is_empty(), "{name:?}");
    }
    for value in ["", " ", "a b", "a\nb", "\u{7f}", "a\u{a0}"] {
        assert!(files.edited("p", &[("k", Some(value))]).is_err(), "{value:?}");
    }
}

const PIECES: [&[u8]; 26] = [
    b"[p]",
    b"[p] # c",
    b"  [p]",
    b"[a]",
    b"  [a]",
    b"[p",
    b"[ p ]",
    b"[DEFAULT]",
    b"k = v",
    b"  k = v",
    b"K:v",
    b"\tgone = 1",
    b"gone =",
    b"token",
    b"token=t",
    b"other = 1",
    b"  more",
    b"    x = 1",
    b"# c",
    b"  ; c",
    b"",
    b"  ",
    b"\xff",
    b"[\xff]",
    b"\xef\xbb\xbf",
    b"\xc2\xa0k = v",
];

fn files() -> impl Strategy<Value = Vec<u8>> {
    // A file of `\r` and `\n` would have a line break less when the line between the two goes.
    let endings = select(vec![&["\n", "\r\n", "\n\n"][..], &["\r", "\r\r"][..]]);
    let lines = prop::collection::vec((select(&PIECES[..]), any::<prop::sample::Index>()), 0..14);
    (lines, endings, any::<bool>()).prop_map(|(lines, endings, is_closed)| {
        let mut text = Vec::new();
        let last = lines.len().saturating_sub(1);
        for (index, (line, ending)) in lines.into_iter().enumerate() {
            text.extend(line);
            if index < last || is_closed {
                text.extend(ending.get(endings).as_bytes());
            }
        }
        text
    })
}

/// The other sections as they are read, and where the reader complains about what.
fn others(text: &[u8]) -> (Vec<String>, usize) {
    let document = ini::parse(text);
    let sections = document.sections.iter().filter(|section| section.header != "p");
    let values = sections.map(|section| {
        let entries = section
            .entries
            .iter()
            .map(|entry| format!("{}={:?}", entry.key, entry.value));
        format!("[{}] {}", section.header, entries.collect::<Vec<_>>().join(", "))
    });
    let problems = document.problems.iter().filter(|problem| problem.section != Some("p"));
    (values.collect(), problems.count())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_other_byte_stays(text in files()) {
        let before = Files::in_memory("", text.clone());
        let profiles = Profiles::parse(&before);
        let (Ok(profile), Ok(_)) = (profiles.profile("p"), profiles.default_value(FileKind::Credentials, "k")) else {
            return Ok(());
        };
        let new = edited(&text, "p", &ENTRIES);
        prop_assert_eq!(&edited(&new, "p", &ENTRIES), &new, "twice is as good as once");
        prop_assert_eq!(others(&text), others(&new));

        let after = Files::in_memory("", new.clone());
        let profiles = Profiles::parse(&after);
        let read = profiles.profile("p").ok().flatten();
        let get = |key| read.and_then(|profile| profile.own_in(FileKind::Credentials, key));
        for (key, value) in ENTRIES {
            prop_assert_eq!(get(key).map(|setting| setting.value), value);
        }
        let other = |profile: Profile<'_>| profile.own_in(FileKind::Credentials, "other").map(|setting| setting.value.to_owned());
        prop_assert_eq!(profile.and_then(other), read.and_then(other));

        let document = ini::parse(&text);
        let Some(section) = document.sections.iter().find(|section| section.header == "p") else {
            prop_assert!(new.starts_with(&text));
            return Ok(());
        };
        // Nothing above the section, nothing below it, and in it the lines of our entries only.
        let lines = lines(&text);
        let end = section.entries.iter().map(|entry| entry.last).max().unwrap_or(section.line);
        prop_assert!(new.starts_with(&lines[..section.line - 1].concat()));
        prop_assert!(new.ends_with(&lines[end..].concat()));
        let ours = section.entries.iter().filter(|entry| ENTRIES.iter().any(|(key, _)| *key == entry.key));
        let ours: Vec<_> = ours.flat_map(|entry| entry.line..=entry.last).collect();
        let is_comment_or_blank = |line: &[u8]| content(line).is_some_and(is_comment_or_blank);
        let mut rest = &new[..];
        for (index, line) in lines.iter().enumerate() {
            let line = &line[..line.len() - ending(line).len()];
            if ours.contains(&(index + 1)) && !is_comment_or_blank(line) {
                continue;
            }
            let found = rest.windows(line.len().max(1)).position(|part| part.starts_with(line));
            prop_assert!(found.is_some() || line.is_empty(), "{:?} is lost", String::from_utf8_lossy(line));
            rest = &rest[found.unwrap_or(0) + line.len()..];
        }
    }

    #[test]
    fn lines_are_counted_as_the_reader_counts_them(text in files()) {
        let own: Vec<_> = lines(&text).iter().map(|line| line[..line.len() - ending(line).len()].to_owned()).collect();
        let mut read: Vec<_> = ini::lines(&text).map(<[u8]>::to_owned).collect();
        read.truncate(own.len());
        prop_assert_eq!(own, read);
    }
}
