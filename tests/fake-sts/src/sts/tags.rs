//! What session tags must be to each other. Case does not count, as everywhere in IAM.

use std::collections::HashSet;

use super::request::Request;
use crate::refusal::Refusal;

pub(crate) fn check(request: &Request) -> Result<(), Refusal> {
    let mut keys = HashSet::new();
    for (key, _) in request.tags() {
        if !keys.insert(key.to_lowercase()) {
            return Err(Refusal::duplicate_tag());
        }
    }
    let transitive = request.transitive_tag_keys();
    if transitive.iter().all(|key| keys.contains(&key.to_lowercase())) {
        Ok(())
    } else {
        Err(Refusal::transitive_without_tag())
    }
}
