import type { PackageSpec } from '../spec.ts'
import { codecs } from './codecs.ts'
import { geometry } from './geometry.ts'
import { statistics } from './statistics.ts'
import { threed } from './threed.ts'

export const PACKAGES: readonly PackageSpec[] = [...statistics, ...threed, ...geometry, ...codecs]
