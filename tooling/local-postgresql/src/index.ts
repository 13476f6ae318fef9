export { findPostgresql } from './find-postgresql.ts';
export { startCluster, type Cluster, type ClusterOptions } from './cluster.ts';
