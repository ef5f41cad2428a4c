//! The grammar of PowerShell, in printable ASCII: the encoding of the output is unknown on Windows, and five Unicode
//! characters end a single-quoted string.

use std::ffi::OsStr;
use std::fmt::Write as _;

use super::{Grammar, NOT_UNICODE, Refusal};
use crate::env::Var;

pub(super) struct PowerShell;

impl Grammar for PowerShell {
    fn set(&self, var: Var, value: &OsStr) -> Result<Vec<u8>, Refusal> {
        let value = expression(value.to_str().ok_or(NOT_UNICODE)?);
        Ok(format!("$env:{} = {value};", var.name()).into_bytes())
    }

    /// `Remove-Item Env:` fails if the variable is not set, and `''` is a value since PowerShell 7.5.
    fn unset(&self, var: Var) -> String {
        format!("$env:{} = $null;", var.name())
    }

    /// One line: PowerShell makes a list of several lines, which `Invoke-Expression (...)` rejects without ending the
    /// script.
    fn separator(&self) -> &'static str {
        " "
    }

    /// Not `throw`: in `rolenv ... | Invoke-Expression` it is a non-terminating error. With the module name, because
    /// the user may have a function named `Write-Error`.
    fn failing(&self) -> &'static str {
        "Microsoft.PowerShell.Utility\\Write-Error 'rolenv: failed, the environment is unchanged' -CategoryActivity rolenv \
         -ErrorAction Stop;\n"
    }

    fn word(&self, word: &str) -> String {
        let expression = expression(word);
        if expression.contains(" + ") {
            format!("({expression})")
        } else {
            expression
        }
    }

    fn line(&self, command: &str) -> String {
        format!("Invoke-Expression ({command})")
    }
}

/// `'printable ASCII'`, joined by ` + ` with `[char]0x00fc` for other UTF-16 units. Starts with a string, so that the
/// sum is a string.
fn expression(value: &str) -> String {
    let mut expression = String::from("'");
    let mut in_quotes = true;
    for unit in value.encode_utf16() {
        let printable = u8::try_from(unit).ok().filter(|byte| (b' '..=b'~').contains(byte));
        match printable {
            Some(byte) => {
                if !in_quotes {
                    expression.push_str(" + '");
                }
                expression.push(char::from(byte));
                if byte == b'\'' {
                    expression.push('\'');
                }
            }
            None => {
                if in_quotes {
                    expression.push('\'');
                }
                // Writing to a String cannot fail.
                let _ = write!(expression, " + [char]0x{unit:04x}");
            }
        }
        in_quotes = printable.is_some();
    }
    if in_quotes {
        expression.push('\'');
    }
    expression
}
