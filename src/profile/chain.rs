//! Follows source profiles back to the credentials that sign first, by the rules of botocore's
//! `AssumeRoleProvider`.

use super::failure::PlanError;
use super::limits::{self, Limit};
use super::plan::selected_profile;
use super::request::{Hop, MfaSession, Request, Signer};
use super::sources::{can_sign, checked, credentials, environment_keys, has_static_keys, profile_duration, role_of};
use super::{Files, Profile, Profiles, RoleArn, Setting, suggest};
use crate::environment::Environment;

/// What a search works on.
pub(super) struct Search<'search> {
    pub(super) request: &'search Request,
    pub(super) files: &'search Files,
    pub(super) profiles: &'search Profiles<'search>,
    /// The person's own environment.
    pub(super) original: &'search Environment,
    /// The environment with the role that may be in it.
    pub(super) now: &'search Environment,
}

/// What a search finds: the credentials to start from and the roles to assume after them.
pub(super) struct Way {
    pub(super) signer: Signer,
    pub(super) mfa_session: Option<MfaSession>,
    pub(super) hops: Vec<Hop>,
    pub(super) notes: Vec<String>,
}

/// Where the roles come from that are assumed on the way to the last one.
enum Origin<'search> {
    Credentials(Signer),
    Profile(Profile<'search>),
}

impl<'search> Search<'search> {
    /// The way to a profile that was asked for by name.
    pub(super) fn to_profile(&self, profile: Profile<'search>) -> Result<Way, PlanError> {
        let Some(role) = role_of(profile)? else {
            return self.to_own_credentials(profile);
        };
        let hop = self.last_hop(role, Some(profile))?;
        let origin = self.origin_of_target(profile)?;
        let visited = vec![profile.name().to_owned()];
        self.from(origin, hop, visited)
    }

    /// The way to a role that no profile describes, and the profile whose region and endpoint count for it.
    pub(super) fn to_role(&self, role: RoleArn) -> Result<(Way, Option<Profile<'search>>), PlanError> {
        let hop = self.last_hop(role, None)?;
        let (origin, profile) = self.origin_of_role(&hop.role)?;
        Ok((self.from(origin, hop, Vec::new())?, profile))
    }

    /// A profile without a role stands for its own credentials; options that only a role has do not fit it.
    fn to_own_credentials(&self, profile: Profile<'search>) -> Result<Way, PlanError> {
        let request = self.request;
        let signer = credentials(profile)?;
        for (given, option) in [
            (request.chain, "--chain"),
            (request.source_profile.is_some(), "--source-profile"),
            (request.session_name.is_some(), "--session-name"),
            (request.external_id.is_some(), "--external-id"),
        ] {
            if given {
                return Err(PlanError::OptionNeedsRole {
                    option,
                    profile: profile.name().to_owned(),
                });
            }
        }
        let mfa_serial = match &request.mfa_serial {
            Some(serial) => Some(serial.clone()),
            None => checked(profile.get("mfa_serial"), &limits::MFA_SERIAL)?,
        };
        let duration = self.duration(Some(profile))?;
        if request.duration.is_some() && mfa_serial.is_none() {
            return Err(PlanError::OptionNeedsRole {
                option: "--duration",
                profile: profile.name().to_owned(),
            });
        }
        Ok(Way {
            signer,
            mfa_session: mfa_serial.map(|mfa_serial| MfaSession { mfa_serial, duration }),
            hops: Vec::new(),
            notes: Vec::new(),
        })
    }

    /// Goes back from `origin` until there are credentials, then turns round.
    fn from(&self, origin: Origin<'search>, last: Hop, mut visited: Vec<String>) -> Result<Way, PlanError> {
        let mut hops = vec![last];
        let mut origin = origin;
        let signer = loop {
            let profile = match origin {
                Origin::Credentials(signer) => break signer,
                Origin::Profile(profile) => profile,
            };
            let again = visited.iter().any(|name| name == profile.name());
            let itself = visited.last().is_some_and(|name| name == profile.name());
            visited.push(profile.name().to_owned());
            // Static keys stop a chain, and let a profile be its own source.
            if has_static_keys(profile) && (itself || !again) {
                break credentials(profile)?;
            }
            if again {
                return Err(PlanError::Loop(visited));
            }
            let Some(role) = role_of(profile)? else {
                break credentials(profile)?;
            };
            hops.push(self.hop(role, profile)?);
            origin = self.origin_of(profile, profile.get("source_profile"))?;
        };
        hops.reverse();
        let chained = self.request.chain && self.now.get("ROLENV_ROLE_ARN").is_some();
        let notes = shorten(&mut hops, chained);
        Ok(Way {
            signer,
            mfa_session: None,
            hops,
            notes,
        })
    }

    fn origin_of_target(&self, profile: Profile<'search>) -> Result<Origin<'search>, PlanError> {
        if self.request.chain {
            return Ok(Origin::Credentials(self.current()?));
        }
        match &self.request.source_profile {
            Some(name) => self.named(name, Some("`--source-profile`")).map(Origin::Profile),
            None => self.origin_of(profile, profile.get("source_profile")),
        }
    }

    /// What assumes a bare role: `--chain`, `--source-profile`, `AWS_PROFILE`, a `default` profile that has
    /// something to sign with, then the environment.
    fn origin_of_role(&self, role: &RoleArn) -> Result<(Origin<'search>, Option<Profile<'search>>), PlanError> {
        if self.request.chain {
            return Ok((Origin::Credentials(self.current()?), None));
        }
        let named = match &self.request.source_profile {
            Some(name) => Some((name.as_str(), Some("`--source-profile`"))),
            None => selected_profile(self.original)?,
        };
        if let Some((name, named_by)) = named {
            let profile = self.named(name, named_by)?;
            return Ok((Origin::Profile(profile), Some(profile)));
        }
        let default = self.profiles.profile("default")?;
        if let Some(profile) = default.filter(|profile| can_sign(*profile)) {
            return Ok((Origin::Profile(profile), Some(profile)));
        }
        match environment_keys(self.original)? {
            Some(signer) => Ok((Origin::Credentials(signer), default)),
            None => Err(PlanError::NothingToAssumeWith { role: role.to_string() }),
        }
    }

    /// What assumes the role of `profile`, as its own keys have it.
    fn origin_of(
        &self,
        profile: Profile<'search>,
        source: Option<Setting<'search>>,
    ) -> Result<Origin<'search>, PlanError> {
        match (source, profile.get("credential_source")) {
            (Some(_), Some(_)) => Err(PlanError::TwoSources {
                profile: profile.name().to_owned(),
            }),
            (None, None) => Err(PlanError::NoSource {
                profile: profile.name().to_owned(),
                place: profile.get("role_arn").map_or_else(String::new, |role| role.place()),
            }),
            (Some(source), None) => match self.profiles.profile(source.value)? {
                Some(found) => Ok(Origin::Profile(found)),
                None => Err(PlanError::MissingSource {
                    profile: profile.name().to_owned(),
                    source_profile: source.value.to_owned(),
                    place: source.place(),
                    hint: suggest::hint(source.value, self.files, self.profiles),
                }),
            },
            (None, Some(source)) => match source.value {
                "Environment" => match environment_keys(self.original)? {
                    Some(signer) => Ok(Origin::Credentials(signer)),
                    None => Err(PlanError::NoEnvironmentCredentials {
                        why: "the profile has `credential_source = Environment`",
                    }),
                },
                "Ec2InstanceMetadata" | "EcsContainer" => Err(PlanError::UnreadSource {
                    profile: profile.name().to_owned(),
                    key: "credential_source",
                    place: source.place(),
                }),
                other => Err(PlanError::BadCredentialSource {
                    value: other.to_owned(),
                    place: source.place(),
                }),
            },
        }
    }

    /// The credentials that are in the environment now, for `--chain`.
    fn current(&self) -> Result<Signer, PlanError> {
        environment_keys(self.now)?.ok_or(PlanError::NoEnvironmentCredentials {
            why: "`--chain` starts from the role that an earlier `rolenv assume` put into this shell",
        })
    }

    fn named(&self, name: &str, named_by: Option<&'static str>) -> Result<Profile<'search>, PlanError> {
        self.profiles.profile(name)?.ok_or_else(|| PlanError::UnknownProfile {
            name: name.to_owned(),
            named_by,
            hint: suggest::hint(name, self.files, self.profiles),
        })
    }

    /// The hop to what was asked for: the command line's words win over the profile's.
    fn last_hop(&self, role: RoleArn, profile: Option<Profile<'search>>) -> Result<Hop, PlanError> {
        let request = self.request;
        let get = |key| profile.and_then(|profile| profile.get(key));
        let or = |given: &Option<String>, key, limit: &Limit| match given {
            Some(given) => Ok(Some(given.clone())),
            None => checked(get(key), limit),
        };
        let session_name = or(&request.session_name, "role_session_name", &limits::SESSION_NAME)?;
        Ok(Hop {
            role,
            session_name: session_name.unwrap_or_else(|| self.session_name()),
            external_id: or(&request.external_id, "external_id", &limits::EXTERNAL_ID)?,
            mfa_serial: or(&request.mfa_serial, "mfa_serial", &limits::MFA_SERIAL)?,
            duration: self.duration(profile)?,
        })
    }

    /// A hop on the way: only its own profile has a say.
    fn hop(&self, role: RoleArn, profile: Profile<'search>) -> Result<Hop, PlanError> {
        let session_name = checked(profile.get("role_session_name"), &limits::SESSION_NAME)?;
        Ok(Hop {
            role,
            session_name: session_name.unwrap_or_else(|| self.session_name()),
            external_id: checked(profile.get("external_id"), &limits::EXTERNAL_ID)?,
            mfa_serial: checked(profile.get("mfa_serial"), &limits::MFA_SERIAL)?,
            duration: profile_duration(profile)?,
        })
    }

    fn duration(&self, profile: Option<Profile<'search>>) -> Result<Option<u32>, PlanError> {
        match (self.request.duration, profile) {
            (Some(seconds), _) => Ok(Some(seconds)),
            (None, Some(profile)) => profile_duration(profile),
            (None, None) => Ok(None),
        }
    }

    /// `rolenv-USER`, so that CloudTrail tells who; what STS does not allow in a name becomes `-`.
    fn session_name(&self) -> String {
        let user = ["USER", "LOGNAME", "USERNAME"]
            .into_iter()
            .find_map(|name| self.original.text(name).ok().flatten())
            .unwrap_or("user");
        let fit = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
        let user = user.chars().map(|letter| if fit(letter) { letter } else { '-' });
        "rolenv-".chars().chain(user).take(64).collect()
    }
}

/// A role session gets one hour from the next role and no more ("role chaining"): asks for no more, and says so.
fn shorten(hops: &mut [Hop], chained: bool) -> Vec<String> {
    let mut notes = Vec::new();
    for hop in hops.iter_mut().skip(usize::from(!chained)) {
        if hop.duration.is_some_and(|seconds| seconds > limits::LONGEST_CHAINED) {
            hop.duration = Some(limits::LONGEST_CHAINED);
            notes.push(format!(
                "`{}` is assumed from another role: AWS limits such a session to 1 hour",
                hop.role
            ));
        }
    }
    notes
}
