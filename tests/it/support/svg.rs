//! A terminal's text as an SVG picture.

use std::fmt::Write as _;

/// Longer lines continue on the next one, in columns.
const COLUMNS: usize = 104;

const LINE_HEIGHT: usize = 19;
const MARGIN: usize = 18;

/// Draws lines of text. A line that begins with `$ ` is typed, one with `# ` is a comment.
pub fn picture<'text>(lines: impl IntoIterator<Item = &'text str>) -> String {
    let mut text = String::new();
    let mut row = 0;
    for line in lines {
        let class = match line {
            _ if line.starts_with("$ ") => "typed",
            _ if line.starts_with("# ") => "comment",
            _ => "output",
        };
        for part in wrapped(line) {
            let y = MARGIN + (row + 1) * LINE_HEIGHT;
            let part = part.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            if !part.is_empty() {
                let _ = writeln!(text, "<text x=\"{MARGIN}\" y=\"{y}\" class=\"{class}\">{part}</text>");
            }
            row += 1;
        }
    }
    let height = 2 * MARGIN + (row + 1) * LINE_HEIGHT;
    let width = 2 * MARGIN + COLUMNS * 8;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <title>A run of rolenv in a terminal</title>\n\
         <style>\n\
         text {{ font: 13px ui-monospace, Menlo, Consolas, monospace; white-space: pre; }}\n\
         .typed {{ fill: #7ee787; font-weight: bold; }}\n\
         .comment {{ fill: #8b949e; }}\n\
         .output {{ fill: #e6edf3; }}\n\
         </style>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"#0d1117\"/>\n\
         {text}</svg>\n"
    )
}

/// The line in parts that fit, cut at spaces.
fn wrapped(line: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for word in line.split(' ') {
        let last = parts.len() - 1;
        if parts[last].is_empty() {
            parts[last].push_str(word);
        } else if parts[last].chars().count() + word.chars().count() < COLUMNS {
            parts[last].push(' ');
            parts[last].push_str(word);
        } else {
            parts.push(format!("  {word}"));
        }
    }
    parts
}
