//! Errors of the operating system, worded for messages.

/// The error's text in lower case, without Rust's `(os error 13)`.
pub fn describe(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    text.to_lowercase()
}
