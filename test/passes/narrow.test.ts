import { describe, test } from 'vitest'
import { counted } from '../../compiler/passes/counted.ts'
import { dce } from '../../compiler/passes/dce.ts'
import { fold } from '../../compiler/passes/fold.ts'
import { narrow } from '../../compiler/passes/narrow.ts'
import { sameBehaviour } from './differential.ts'

describe('narrow', () => {
  test('random modules behave as before', () => sameBehaviour([narrow], 400))
  test('after counted', () => sameBehaviour([fold, counted, narrow, fold, dce], 400))
})
