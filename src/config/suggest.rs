//! Suggestions for an unknown profile name.

use super::{Files, Profiles};

/// How many names a hint lists.
const MAX_SUGGESTIONS: usize = 3;

/// The closest names, or the reason why there are none.
pub fn hint(name: &str, files: &Files, profiles: &Profiles<'_>) -> String {
    if let Some(mistake) = profiles.other_spelling(name) {
        return mistake;
    }
    let close = closest(name, profiles);
    if !close.is_empty() {
        let close: Vec<String> = close.iter().map(|name| format!("`{name}`")).collect();
        return format!("did you mean {}?", close.join(" or "));
    }
    let missing: Vec<String> = files.missing().iter().map(|path| show(path)).collect();
    let [config, credentials] = files.paths();
    match missing.as_slice() {
        [] => format!("profiles are read from {} and {}", show(config), show(credentials)),
        [one] => format!("{one} does not exist"),
        _ => format!("neither {}", missing.join(" nor ")),
    }
}

fn show(path: &std::path::Path) -> String {
    format!("`{}`", path.display())
}

/// Names that differ by case, by a typing error, or by a missing end; the closest first.
fn closest<'profiles>(name: &str, profiles: &'profiles Profiles<'_>) -> Vec<&'profiles str> {
    let wanted = name.to_lowercase();
    // Two different characters of four are another word.
    let most_errors = (1 + wanted.chars().count() / 4).min(wanted.chars().count().saturating_sub(1));
    let mut close: Vec<(usize, &str)> = profiles
        .names()
        .into_iter()
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            let errors = strsim::osa_distance(&wanted, &lower);
            let part = wanted.len() >= 3 && lower.contains(&wanted);
            match errors {
                _ if errors <= most_errors => Some((errors, candidate)),
                _ if part => Some((most_errors + 1, candidate)),
                _ => None,
            }
        })
        .collect();
    close.sort_unstable();
    close.into_iter().take(MAX_SUGGESTIONS).map(|(_, name)| name).collect()
}
