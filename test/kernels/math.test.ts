/** The vector math functions of kernels/assembly/math-*.ts; one driver module serves the three suites. */
import { FUNCTIONS } from './catalogue.ts'
import { createDriver } from './driver.ts'
import { accuracy } from './suites/accuracy.ts'
import { lanePlacement } from './suites/lanes.ts'
import { specialValues } from './suites/special-values.ts'

const driver = await createDriver(FUNCTIONS)
specialValues(driver)
lanePlacement(driver)
accuracy(driver)
