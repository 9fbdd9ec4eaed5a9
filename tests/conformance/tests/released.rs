//! Components that were built on a released version of the contract keep doing what they did.

use lazaret_conformance::case;
use lazaret_security::Version;

#[test]
fn a_component_of_each_released_version_does_every_case() {
    let released = Version::ALL
        .into_iter()
        .filter(|one| *one != Version::Current);
    for version in released {
        let component = version.guest("conformance");
        let wrong: Vec<String> = case::all()
            .iter()
            .filter_map(|case| {
                let error = case.play_with(&component).err()?;
                Some(format!("{}: {error}", case.name))
            })
            .collect();
        assert!(wrong.is_empty(), "{version:?}\n{}", wrong.join("\n"));
    }
}
