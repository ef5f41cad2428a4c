//! PowerShell statements, read back: by the real program where it is, and by two parsers that no one here wrote.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ps_parser::{PowerShellSession, PsValue};
use tree_sitter::{Node, Parser};

use crate::support::{Home, Run};

/// What statements make of variables: a value, or gone.
pub type Assigned = BTreeMap<String, Option<String>>;

/// Reads `$env:NAME = EXPRESSION;` statements by the grammar of tree-sitter. Panics at anything that is not one.
pub fn by_grammar(code: &str) -> Assigned {
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_powershell::LANGUAGE.into())
        .expect("a grammar");
    let tree = parser.parse(code, None).expect("a tree");
    assert!(!tree.root_node().has_error(), "{code}: {}", tree.root_node().to_sexp());
    let list = tree.root_node().named_child(0).expect("statements");
    let mut cursor = list.walk();
    let statements = list
        .named_children(&mut cursor)
        .filter(|node| node.kind() != "empty_statement");
    statements.map(|statement| assignment(statement, code)).collect()
}

fn assignment(statement: Node<'_>, code: &str) -> (String, Option<String>) {
    let mut tokens = Vec::new();
    collect(statement, code, &mut tokens);
    let [name, "=", rest @ ..] = tokens.as_slice() else {
        panic!("no assignment: {tokens:?}")
    };
    let name = name.strip_prefix("$env:").expect("a variable of the environment");
    (name.to_owned(), if *rest == ["$null"] { None } else { Some(sum(rest)) })
}

/// The leaves of a tree, in the order of the text; a string and a variable are one each.
fn collect<'code>(node: Node<'_>, code: &'code str, tokens: &mut Vec<&'code str>) {
    if node.child_count() == 0 || node.kind() == "variable" {
        tokens.push(&code[node.byte_range()]);
    }
    if node.kind() != "variable" {
        let mut cursor = node.walk();
        node.children(&mut cursor)
            .for_each(|child| collect(child, code, tokens));
    }
}

/// `'text' + [char]0x00fc + 'text'`. Adding is only text if the first piece is.
fn sum(tokens: &[&str]) -> String {
    let mut units: Vec<u16> = Vec::new();
    assert!(tokens[0].starts_with('\''), "not a string at first: {tokens:?}");
    for piece in tokens.split(|token| *token == "+") {
        match piece {
            [literal] => {
                let inner = literal.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
                units.extend(inner.expect("a string").replace("''", "'").encode_utf16());
            }
            ["[", "char", "]", number] => {
                let digits = number.strip_prefix("0x").expect("a hexadecimal number");
                units.push(u16::from_str_radix(digits, 16).expect("a unit of UTF-16"));
            }
            other => panic!("neither a string nor a character: {other:?}"),
        }
    }
    String::from_utf16(&units).expect("text")
}

/// Evaluates the statements with `ps-parser`.
pub fn by_evaluation(code: &str) -> Assigned {
    let mut session = PowerShellSession::new();
    let result = session.parse_script(code).expect("a script");
    assert!(result.errors().is_empty(), "{code}: {:?}", result.errors());
    let value = |value| match value {
        PsValue::Null => None,
        PsValue::String(text) => Some(text),
        other => panic!("{code}: {other:?}"),
    };
    let variables = session.env_variables().into_iter();
    // It knows names in lower case only, as PowerShell on Windows does.
    variables
        .map(|(name, content)| (name.to_uppercase(), value(content)))
        .collect()
}

/// What `ps-parser` cannot do: it leaves a doubled quote doubled, and knows no halves of a character. The values it
/// can read are still evaluated by somebody else's idea of PowerShell.
pub fn can_be_evaluated(value: &str) -> bool {
    value
        .chars()
        .all(|letter| letter != '\'' && u32::from(letter) <= 0xffff)
}

/// The real program, silently: it is in no package that `tests/run` could install.
pub fn real() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let names = ["pwsh", "pwsh.exe", "powershell", "powershell.exe"];
    let found = std::env::split_paths(&path)
        .flat_map(|place| names.map(|name| place.join(name)))
        .find(|candidate| candidate.is_file());
    if found.is_none() {
        eprintln!("no PowerShell on PATH: read by parsers only");
    }
    found
}

/// The ways in which people evaluate what the command `{}` prints.
pub const FORMS: [&str; 6] = [
    "Invoke-Expression ({})",
    "$s = {}; Invoke-Expression $s",
    "{} | ForEach-Object { Invoke-Expression $_ }",
    "{} | Out-String | Invoke-Expression",
    "{} | Invoke-Expression",
    "iex \"$({})\"",
];

/// Runs a script with the real program.
pub fn run(program: &PathBuf, home: &Home, lines: &[String]) -> Run {
    home.write("script.ps1", lines.join("\n"));
    let mut command = home.command(program);
    // Without these Windows starts hardly any program.
    for name in ["SystemRoot", "SystemDrive", "PATHEXT", "TEMP", "windir"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    command.args([
        "-NoProfile",
        "-NonInteractive",
        "-ExecutionPolicy",
        "Bypass",
        "-File",
        "script.ps1",
    ]);
    Run::of(&mut command)
}
