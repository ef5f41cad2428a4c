//! The cache of sessions, which the AWS CLI shares.

mod aws_cli;
mod commands;
mod damage;
mod disk;
mod entries;
mod killed;
