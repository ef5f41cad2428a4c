//! clap's errors in the form of our messages: one line, names in backticks, then a hint.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::redact;

/// The message and the hint for a command line that does not parse.
pub fn describe(error: &clap::Error) -> (String, Option<String>) {
    let text = |kind| match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => texts.first().cloned(),
        ContextValue::StyledStrs(texts) => texts.first().map(ToString::to_string),
        ContextValue::StyledStr(text) => Some(text.to_string()),
        _ => None,
    };
    let argument = || text(ContextKind::InvalidArg).unwrap_or_default();
    let value = || text(ContextKind::InvalidValue).unwrap_or_default();
    let message = match error.kind() {
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let command = command(error);
            let hint = format!("`{command} --help` lists the commands");
            return ("no command given".to_owned(), Some(hint));
        }
        // An unexpected argument may be an MFA code, or a part of one after a stray space.
        ErrorKind::UnknownArgument => format!("unexpected argument `{}`", redact::numbers(&argument())),
        ErrorKind::InvalidSubcommand => {
            let name = text(ContextKind::InvalidSubcommand).unwrap_or_default();
            format!("unknown command `{}`", redact::numbers(&name))
        }
        ErrorKind::InvalidValue if value().is_empty() => format!("`{}` needs a value", argument()),
        ErrorKind::InvalidValue => format!("invalid value `{}` for `{}`", value(), argument()),
        ErrorKind::ValueValidation => {
            let source = std::error::Error::source(error).map(|source| format!(": {source}"));
            let source = source.unwrap_or_default();
            format!("invalid value `{}` for `{}`{source}", value(), argument())
        }
        ErrorKind::ArgumentConflict => match text(ContextKind::PriorArg) {
            Some(prior) if prior != argument() => format!("`{}` cannot be used with `{prior}`", argument()),
            _ => format!("`{}` cannot be used more than once", argument()),
        },
        ErrorKind::MissingRequiredArgument => {
            let missing = match error.get(ContextKind::InvalidArg) {
                Some(ContextValue::Strings(names)) => names.join("`, `"),
                _ => argument(),
            };
            format!("missing `{missing}`")
        }
        _ => error.kind().to_string(),
    };
    (message, hint(error))
}

/// What to type instead: the suggestion, the accepted values, or the form of the command.
fn hint(error: &clap::Error) -> Option<String> {
    let suggested = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ];
    let suggested = suggested.into_iter().find_map(|kind| match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => texts.first().cloned(),
        _ => None,
    });
    if let Some(suggested) = suggested {
        return Some(format!("did you mean `{suggested}`?"));
    }
    match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(values)) if !values.is_empty() => Some(format!("use one of: {}", values.join(", "))),
        _ => usage(error).map(|usage| format!("usage: `{usage}`")),
    }
}

fn usage(error: &clap::Error) -> Option<String> {
    let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) else {
        return None;
    };
    let usage = usage.to_string();
    Some(usage.trim_start_matches("Usage:").trim().to_owned())
}

/// The command that the usage line names: `rolenv cache`.
fn command(error: &clap::Error) -> String {
    let usage = usage(error).unwrap_or_default();
    let name = usage.split(['<', '[']).next().unwrap_or_default().trim();
    if name.is_empty() { "rolenv" } else { name }.to_owned()
}
