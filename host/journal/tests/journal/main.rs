//! Does the journal keep what it promises, from the outside?

#[cfg(test)]
mod append;
#[cfg(test)]
mod collect;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod driver;
#[cfg(test)]
mod file;
#[cfg(test)]
mod forgery;
#[cfg(test)]
mod list;
#[cfg(test)]
mod portable;
#[cfg(test)]
mod room;
#[cfg(test)]
mod support;
