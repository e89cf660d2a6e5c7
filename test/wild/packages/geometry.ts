import { angle, byte, constant, count, f64, int, list, many, num, oneOf, point, record, typed, xy } from '../kinds.ts'
import { type Namespace, NOT_PLAIN, type PackageSpec, SETS_STATE, TAKES_STRING } from '../spec.ts'

const ring = many(point, 7)
const square = () => [
  [0, 0],
  [4, 0],
  [4.5, 3],
  [2, 1.5],
  [0, 4],
]
const tile = () => [5, 9, 5]
const each = (names: string, reason: string): Record<string, string> =>
  Object.fromEntries(names.split(' ').map(name => [name, reason]))
const lonLat = record({ longitude: num(-180, 180), latitude: num(-89, 89) })
const geodetic = record({ longitude: num(-3, 3), latitude: num(-1.5, 1.5), height: num(0, 2) })
const xyz = record({ x: num(-7000, 7000), y: num(-7000, 7000), z: num(-7000, 7000) })

const ISS = [
  '1 25544U 98067A   19156.50900463  .00003075  00000-0  59442-4 0  9992',
  '2 25544  51.6433  59.2583 0008217  16.4489 347.6017 15.51174618173442',
] as const

type Maker = (first: string, second: string) => unknown
/** The satellite record is made by the package itself, from two lines of text. */
const satellite: { record: unknown } = { record: undefined }

export const geometry: readonly PackageSpec[] = [
  {
    name: 'point-in-polygon',
    domain: 'geometry',
    take: exports => ({ pointInPolygon: exports.default }),
    functions: {
      pointInPolygon: [point, square],
      'pointInPolygon.nested': [point, square],
      'pointInPolygon.flat': [point, () => [0, 0, 4, 0, 4.5, 3, 2, 1.5, 0, 4]],
    },
  },
  {
    name: 'simplify-js',
    domain: 'geometry',
    take: exports => ({ simplify: exports.default }),
    functions: { simplify: [many(xy, 12), num(0.1, 3), oneOf(true, false)] },
  },
  {
    name: 'polylabel',
    domain: 'geometry',
    take: exports => ({ polylabel: exports.default }),
    functions: { polylabel: [() => [square()], constant(0.5)] },
  },
  {
    name: 'd3-polygon',
    domain: 'geometry',
    take: exports => exports,
    params: { polygon: ring, points: ring, point },
  },
  {
    name: 'poly-decomp',
    domain: 'geometry',
    params: { polygon: square, precision: constant(0.01) },
    functions: { quickDecomp: [square] },
  },
  {
    name: '@mapbox/tilebelt',
    domain: 'geography',
    take: exports => exports,
    params: { tile, tile1: tile, tile2: tile, lon: num(-180, 180), lat: num(-85, 85), z: count(0, 18) },
    functions: {
      bboxToTile: [() => [-84.7, 11.2, -5.6, 61.6]],
      hasTile: [() => [tile(), [1, 1, 1]], tile],
      hasSiblings: [tile, () => [tile(), [1, 1, 1]]],
    },
    skip: each('quadkeyToTile tileToQuadkey tileToGeoJSON', TAKES_STRING),
  },
  {
    name: '@mapbox/sphericalmercator',
    domain: 'geography',
    take: exports => new (exports.SphericalMercator as new (options: object) => object)({ size: 256 }),
    params: { ll: () => [-122.3, 37.8], px: () => [1200, 900], zoom: count(0, 18), xy: () => [-13600000, 4550000] },
    functions: {
      bbox: [count(0, 9), count(0, 9), count(3, 6), oneOf(true, false), constant('WGS84')],
      xyz: [() => [-122, 37, -121, 38], count(3, 12), oneOf(true, false), constant('WGS84')],
      convert: [() => [-122, 37, -121, 38], constant('900913')],
    },
  },
  {
    name: 'geolib',
    domain: 'geography',
    params: {
      point: lonLat,
      from: lonLat,
      to: lonLat,
      start: lonLat,
      end: lonLat,
      origin: lonLat,
      dest: lonLat,
      center: lonLat,
      lineStart: lonLat,
      lineEnd: lonLat,
      points: many(lonLat, 5),
      coords: many(lonLat, 5),
      polygon: many(lonLat, 5),
      distance: num(10, 10000),
      radius: num(10, 10000),
      bearing: num(0, 360),
      value: num(-80, 80),
      squareMeters: num(1, 1000),
      meters: num(1, 1000),
      metersPerSecond: num(1, 100),
    },
    skip: {
      ...each(
        'convertArea convertDistance convertSpeed decimalToSexagesimal getCoordinateKey getCoordinateKeys',
        TAKES_STRING,
      ),
      ...each(
        'getCompassDirection getRoughCompassDirection isSexagesimal sexagesimalToDecimal wktToPolygon',
        TAKES_STRING,
      ),
      getSpeed: NOT_PLAIN,
    },
  },
  {
    name: 'satellite.js',
    domain: 'physics',
    take: exports => {
      satellite.record = (exports.twoline2satrec as Maker)(...ISS)
      const functions = Object.entries(exports).filter(([name]) => !/Calculator|Runtime|Propagator/.test(name))
      return Object.fromEntries(functions)
    },
    params: {
      radians: num(-1.5, 1.5),
      degrees: num(-80, 80),
      eci: xyz,
      ecf: xyz,
      gmst: angle,
      observerGeodetic: geodetic,
      satelliteEcf: xyz,
      observerCoordsEcf: xyz,
      positionEcf: xyz,
      velocityEcf: record({ x: num(), y: num(), z: num() }),
      sunEciAU: record({ x: num(-1, 1), y: num(-1, 1), z: num(-1, 1) }),
      satelliteEciKm: xyz,
      jday: num(2450000, 2460000),
      jd: num(2450000, 2460000),
    },
    functions: {
      geodeticToEcf: [geodetic],
      gstime: [num(2450000, 2460000)],
      jday: [int(1990, 2030), int(1, 12), int(1, 28), int(0, 23), int(0, 59), int(0, 59)],
      invjday: [num(2450000, 2460000), constant(true)],
      sgp4: [() => satellite.record, num(0, 1440)],
      checkForDecay: [() => satellite.record],
    },
    skip: { ...each('twoline2satrec json2satrec', TAKES_STRING), propagate: NOT_PLAIN },
  },
  {
    name: 'delaunator',
    domain: 'geometry',
    take: exports => {
      const type = exports.default as new (coords: Float64Array) => object
      return new type(Float64Array.of(0, 0, 4, 0.5, 4.5, 3, 2, 1.5, 0, 4, 1, 7, 6, 2))
    },
    functions: { update: [], _hashKey: [num(), num()], _legalize: [count(0, 6)], _link: [count(0, 5), count(0, 5)] },
    skip: { _addTriangle: 'writes beyond a finished triangulation' },
  },
  {
    name: 'noisejs',
    domain: 'noise',
    take: exports => {
      const { Noise } = (exports.default ?? exports) as { Noise: new (seed: number) => object }
      return new Noise(0.42)
    },
    params: { xin: num(), yin: num(), zin: num(), x: num(), y: num(), z: num(), seed: num(0, 1) },
  },
  {
    name: 'simplex-noise',
    domain: 'noise',
    take: exports => {
      const make = exports as unknown as Record<string, (random: () => number) => unknown>
      const random = () => 0.37
      return {
        noise2D: make.createNoise2D?.(random),
        noise3D: make.createNoise3D?.(random),
        noise4D: make.createNoise4D?.(random),
      }
    },
    params: { x: num(), y: num(), z: num(), w: num() },
  },
  {
    name: 'open-simplex-noise',
    domain: 'noise',
    take: exports => {
      const make = ((exports as { default?: Namespace }).default ?? exports) as Record<
        string,
        (seed: number) => unknown
      >
      return { noise2D: make.makeNoise2D?.(7), noise3D: make.makeNoise3D?.(7), noise4D: make.makeNoise4D?.(7) }
    },
    params: { x: num(), y: num(), z: num(), w: num() },
  },
  {
    name: 'alea',
    skip: { 'next.importState': NOT_PLAIN },
    domain: 'noise',
    stateful: true,
    take: exports => {
      const make = exports.default as (seed: number) => { next: unknown; uint32: unknown; fract53: unknown }
      const { next, uint32, fract53 } = make(12)
      return { next, uint32, fract53 }
    },
  },
  {
    name: 'mersenne-twister',
    domain: 'noise',
    take: exports => new (exports.default as new (seed: number) => object)(4711),
    params: { s: count(0, 100000) },
    functions: { init_by_array: [typed(Uint32Array, 6, byte), constant(6)] },
  },
  {
    name: 'fft.js',
    domain: 'audio',
    take: exports => new (exports.default as new (size: number) => object)(16),
    functions: {
      fromComplexArray: [f64(32)],
      createComplexArray: [],
      toComplexArray: [list(16)],
      completeSpectrum: [list(32)],
      transform: [list(32), list(32)],
      realTransform: [list(32), list(16)],
      inverseTransform: [list(32), list(32)],
    },
    skip: { ...each('_transform4 _realTransform4', SETS_STATE), '_single*': SETS_STATE },
  },
  {
    name: 'fft-js',
    domain: 'audio',
    params: {},
    functions: {
      fft: [list(16)],
      ifft: [many(point, 16)],
      fftInPlace: [list(16)],
      'util.fftMag': [many(point, 16)],
      'util.fftFreq': [many(point, 16), constant(44100)],
      'util.exponent': [count(0, 8), constant(16)],
      dft: [list(16)],
      idft: [many(point, 16)],
    },
  },
  {
    name: 'fourier-transform',
    domain: 'audio',
    take: exports => ({ ...exports, rfft: exports.default }),
    functions: {
      rfft: [f64(16)],
      fft: [f64(16)],
      ifft: [f64(9), f64(9)],
      cfft: [f64(16), f64(16)],
      cifft: [f64(16), f64(16)],
    },
  },
]
