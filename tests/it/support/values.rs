//! Values that are hard to carry, some known and the rest at random.

use std::collections::BTreeMap;
use std::ffi::OsString;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{RngSeed, TestCaseError, TestRunner};

use rolenv::env::{Change, Var};
use rolenv::shell::{Dialect, Shell as Language};

/// Bytes, because an environment on Unix is made of them.
pub type Value = Vec<u8>;

/// As many values as there are variables: one start of a shell for all of them.
pub type Batch = Vec<Value>;

/// What has meaning in one grammar or another, and code that wants to run.
const PIECES: [&str; 74] = [
    "'",
    "''",
    "'''",
    "\"",
    "\"\"\"",
    "`",
    "\\",
    "\\\\",
    "\\'",
    "\\\"",
    "\\n",
    "\\x41",
    "\\u0041",
    "$",
    "$$",
    "$HOME",
    "${HOME}",
    "$(touch pwned)",
    "`touch pwned`",
    "'; touch pwned; '",
    "\"; touch pwned; \"",
    "\ntouch pwned\n",
    "' + (touch pwned) + '",
    "(touch pwned)",
    "$(touch pwned)",
    "&& touch pwned &&",
    "| touch pwned",
    "> pwned",
    "\rtouch pwned\r",
    "%COMSPEC%",
    "%",
    "%%",
    "^",
    "^^",
    "!",
    "!!",
    "!x!",
    "!$",
    "!-1",
    "{",
    "}",
    "{a,b}",
    "[",
    "]",
    "*",
    "?",
    "~",
    "~/",
    "=",
    "==ls",
    "-",
    "--",
    "#",
    "# ",
    ";",
    "&",
    "|",
    "<",
    ">",
    "(",
    ")",
    ",",
    ".",
    ":",
    "@",
    " ",
    "  ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "a",
    "Z",
    "09",
];

/// The quotes of Unicode, other characters that some readers take for blanks or line ends, and long ones.
const LETTERS: [char; 34] = [
    '\u{2018}',
    '\u{2019}',
    '\u{201a}',
    '\u{201b}',
    '\u{201c}',
    '\u{201d}',
    '\u{201e}',
    '\u{201f}',
    '\u{ab}',
    '\u{bb}',
    '\u{2039}',
    '\u{203a}',
    '\u{2032}',
    '\u{ff07}',
    '\u{ff02}',
    '\u{2013}',
    '\u{2014}',
    '\u{2015}',
    '\u{85}',
    '\u{a0}',
    '\u{ad}',
    '\u{2028}',
    '\u{2029}',
    '\u{200b}',
    '\u{202e}',
    '\u{feff}',
    '\u{fffd}',
    '\u{ffff}',
    '\u{e000}',
    '\u{fc}',
    '\u{1f600}',
    '\u{10ffff}',
    '\u{7f}',
    '\u{f6b1}',
];

/// Values that every shell is shown, whatever the seed.
pub fn known() -> Vec<Value> {
    let ascii: Value = (1..=126).collect();
    let printable: Value = (b' '..=b'~').collect();
    let letters: String = LETTERS.iter().collect();
    let mut values = vec![
        Value::new(),
        ascii,
        printable,
        letters.into_bytes(),
        b"x".repeat(6000),
        b"\\'! ".repeat(1500),
        b"plain".to_vec(),
        b" leading and trailing ".to_vec(),
        b"\nleading and trailing\n".to_vec(),
        b"\xff\xfe\x80 not UTF-8 \xc3".to_vec(),
        b"\xed\xa0\x80 a surrogate".to_vec(),
        b"IQoJb3JpZ2luX2VjEBYaCXVzLXdlc3QtMiJHMEUCIQD/+w==".to_vec(),
        b"=ls".to_vec(),
        b"-n".to_vec(),
        b"~root".to_vec(),
        "it's a \"b\" \u{fc}".into(),
    ];
    values.extend(PIECES.map(|piece| piece.as_bytes().to_vec()));
    values.extend(LETTERS.map(|letter| letter.to_string().into_bytes()));
    values
}

/// The known values, in batches.
pub fn known_batches() -> Vec<Batch> {
    known().chunks(Var::ALL.len()).map(<[Value]>::to_vec).collect()
}

/// A batch of values at random.
pub fn batch() -> impl Strategy<Value = Batch> {
    prop::collection::vec(value(), Var::ALL.len())
}

/// A value at random: grammar, text, or bytes.
pub fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => prop::collection::vec(piece(), 0..8).prop_map(|pieces| pieces.concat()),
        2 => prop::collection::vec(1..=126_u8, 0..40),
        2 => prop::collection::vec(any::<char>().prop_filter("NUL", |&letter| letter != '\0'), 0..20)
            .prop_map(|letters| letters.into_iter().collect::<String>().into_bytes()),
        1 => prop::collection::vec(1..=255_u8, 0..40),
    ]
}

fn piece() -> impl Strategy<Value = Value> {
    prop_oneof![
        select(&PIECES[..]).prop_map(|piece| piece.as_bytes().to_vec()),
        select(&LETTERS[..]).prop_map(|letter| letter.to_string().into_bytes()),
        (1..=126_u8).prop_map(|byte| vec![byte]),
    ]
}

/// Letters as AWS uses them in keys, tokens, names and times: no shell needs quotes for them.
pub fn plain() -> impl Strategy<Value = Value> {
    let letters: Value = (b'a'..=b'z')
        .chain(b'A'..=b'Z')
        .chain(b'0'..=b'9')
        .chain(*b"/+=_.:@,-")
        .collect();
    prop::collection::vec(select(letters), 1..400)
}

/// Calls `check` with `cases` values at random. The same ones every time, unless PROPTEST_RNG_SEED is another number;
/// a failure says which values, made as small as it can be.
pub fn check<Values: Strategy>(
    cases: u32,
    strategy: &Values,
    check: impl Fn(Values::Value) -> Result<(), TestCaseError>,
) {
    let mut config = ProptestConfig::default();
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(20_261_122);
    }
    config.cases = cases;
    config.failure_persistence = None;
    // Each step starts a shell.
    config.max_shrink_iters = 300;
    println!("PROPTEST_RNG_SEED={}", config.rng_seed);
    let mut runner = TestRunner::new(config);
    if let Err(failure) = runner.run(strategy, check) {
        panic!("{failure}");
    }
}

/// As the system holds it.
#[cfg(unix)]
pub fn os(value: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStrExt as _;
    std::ffi::OsStr::from_bytes(value).to_owned()
}

/// As the system holds it, which knows text only.
#[cfg(not(unix))]
pub fn os(value: &[u8]) -> OsString {
    String::from_utf8_lossy(value).into_owned().into()
}

/// Each variable set to one of the values.
pub fn changes(batch: &[Value]) -> Vec<Change> {
    let set = |(var, value): (Var, &Value)| Change::Set(var, os(value));
    Var::ALL.into_iter().zip(batch).map(set).collect()
}

/// The changes that this reader can be given; the others are refused for a documented reason, and for no other.
pub fn carried(dialect: Dialect, changes: Vec<Change>) -> Result<Vec<Change>, TestCaseError> {
    let mut carried = Vec::new();
    for change in changes {
        let Change::Set(_, value) = &change else {
            unreachable!("only values are set here")
        };
        let refused = dialect.carries(&change).err().map(|error| error.to_string());
        let expected = is_refused(dialect, value.as_encoded_bytes());
        prop_assert_eq!(refused.is_some(), expected, "{:?} {:?}: {:?}", dialect, value, refused);
        if !expected {
            carried.push(change);
        }
    }
    Ok(carried)
}

/// What the documentation says cannot be carried.
pub fn is_refused(dialect: Dialect, value: &[u8]) -> bool {
    let is_text = std::str::from_utf8(value).is_ok();
    match dialect {
        Dialect::Shell(Language::Tcsh) => value.contains(&b'\n'),
        Dialect::Shell(Language::Cmd) => {
            let bad = |byte: &u8| !(b' '..=b'~').contains(byte) || b"\"%!".contains(byte);
            value.is_empty() || value.len() > 8000 || value.iter().any(bad)
        }
        Dialect::Shell(Language::PowerShell | Language::Nushell) | Dialect::Json => !is_text,
        Dialect::Dotenv => {
            let bad = |letter: char| letter.is_control() || "'\\$`".contains(letter);
            !is_text || String::from_utf8_lossy(value).contains(bad)
        }
        Dialect::Shell(_) => false,
    }
}

pub fn script(dialect: Dialect, changes: &[Change]) -> Result<Vec<u8>, TestCaseError> {
    let script = dialect.script(changes, false);
    script.map_err(|error| TestCaseError::fail(error.to_string()))
}

pub fn compare(reader: &str, changes: &[Change], after: &BTreeMap<OsString, OsString>) -> Result<(), TestCaseError> {
    for change in changes {
        let name = change.var().name();
        let expected = match change {
            Change::Set(_, value) => Some(value),
            Change::Unset(_) => None,
        };
        prop_assert_eq!(
            after.get(std::ffi::OsStr::new(name)),
            expected,
            "{} in {}",
            name,
            reader
        );
    }
    Ok(())
}
