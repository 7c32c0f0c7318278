//! The fence around files, and around ports where the kernel knows it: Landlock.

use super::Fences;

/// What the statistics and the engines' choice of threads need.
#[cfg(target_os = "linux")]
const ALWAYS_READABLE: [&str; 4] = [
    "/proc/self",
    "/proc/stat",
    "/proc/loadavg",
    "/sys/devices/system",
];

#[cfg(target_os = "linux")]
pub(super) fn fence(fences: &Fences) -> Result<String, String> {
    use landlock::{LandlockStatus, RulesetStatus};

    let status = restrict(fences).map_err(|error| error.to_string())?;
    if status.ruleset == RulesetStatus::NotEnforced {
        return Err("this kernel has no Landlock".to_owned());
    }
    let abi = match status.landlock {
        LandlockStatus::Available { effective_abi, .. } => effective_abi as u32,
        LandlockStatus::NotEnabled | LandlockStatus::NotImplemented => 0,
    };
    Ok(match fences.network {
        super::Network::Port(port) if abi >= PORTS => format!("landlock {abi}, port {port}"),
        super::Network::Port(_) => format!("landlock {abi}, any port"),
        super::Network::None => format!("landlock {abi}"),
    })
}

/// The version of Landlock that knows ports.
#[cfg(target_os = "linux")]
const PORTS: u32 = 4;

#[cfg(target_os = "linux")]
fn restrict(fences: &Fences) -> Result<landlock::RestrictionStatus, landlock::RulesetError> {
    use landlock::{
        ABI, Access, AccessFs, AccessNet, NetPort, Ruleset, RulesetAttr, RulesetCreatedAttr, Scope,
        path_beneath_rules,
    };
    // What an older kernel does not know of this is left out.
    let abi = ABI::V6;
    let port = match fences.network {
        super::Network::None => None,
        super::Network::Port(port) => Some(NetPort::new(port, AccessNet::ConnectTcp)),
    };
    Ruleset::default()
        .handle_access(AccessFs::from_all(abi))?
        .handle_access(AccessNet::from_all(abi))?
        // Abstract sockets, and signals to other programs.
        .scope(Scope::from_all(abi))?
        .create()?
        .add_rules(path_beneath_rules(
            &fences.readable,
            AccessFs::from_read(abi),
        ))?
        .add_rules(path_beneath_rules(&fences.listable, AccessFs::ReadDir))?
        .add_rules(path_beneath_rules(
            ALWAYS_READABLE,
            AccessFs::from_read(abi),
        ))?
        .add_rules(path_beneath_rules(
            &fences.writable,
            AccessFs::from_all(abi),
        ))?
        .add_rules(port.into_iter().map(Ok::<_, landlock::RulesetError>))?
        .restrict_self()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn fence(_fences: &Fences) -> Result<String, String> {
    Err("Landlock is a part of Linux".to_owned())
}
