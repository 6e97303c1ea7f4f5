import { type Recipe, recipe } from '../recipe.ts'
import { shimmed, shimmedCalls } from './build.ts'

const fields = [
  'GET_YEAR',
  'GET_MONTH',
  'GET_DAY',
  'DATE_GET_HOUR',
  'DATE_GET_MINUTE',
  'DATE_GET_SECOND',
  'DATE_GET_MICROSECOND',
  'DATE_GET_FOLD',
  'TIME_GET_HOUR',
  'TIME_GET_MINUTE',
  'TIME_GET_SECOND',
  'TIME_GET_MICROSECOND',
  'TIME_GET_FOLD',
  'DELTA_GET_DAYS',
  'DELTA_GET_SECONDS',
  'DELTA_GET_MICROSECONDS',
]

/** Everything of datetime.h. */
export const datetime: readonly Recipe[] = [
  ...['Date', 'DateTime', 'Time', 'Delta', 'TZInfo'].map((type) =>
    recipe(`PyDateTimeAPI->${type}Type`, `PepDateTime_${type}Type()`),
  ),
  recipe('PyDateTimeAPI', 'PepDateTimeAPI', 'it is not NULL before the import, which it does by itself', {
    whole: true,
  }),
  recipe('PyDateTime_IMPORT', 'PepDateTime_IMPORT()', '', { statement: true }),
  ...shimmedCalls(
    ...['PyDate', 'PyDateTime', 'PyTime', 'PyDelta', 'PyTZInfo'].flatMap((type) => [
      `${type}_Check`,
      `${type}_CheckExact`,
    ]),
  ),
  ...fields.map((field) => recipe(`PyDateTime_${field}(o)`, `PepDateTime_${field}((PyObject *)o)`)),
  ...['days', 'seconds', 'microseconds'].map((field) =>
    recipe(`PyDateTime_Delta.${field}`, `PepDateTime_DELTA_GET_${field.toUpperCase()}((PyObject *)it)`),
  ),
  ...shimmedCalls('PyDateTime_DATE_GET_TZINFO', 'PyDateTime_TIME_GET_TZINFO'),
  ...shimmed(
    'PyDate_FromDate',
    'PyDateTime_FromDateAndTime',
    'PyDateTime_FromDateAndTimeAndFold',
    'PyTime_FromTime',
    'PyTime_FromTimeAndFold',
    'PyDelta_FromDSU',
    'PyTimeZone_FromOffset',
    'PyTimeZone_FromOffsetAndName',
    'PyDate_FromTimestamp',
    'PyDateTime_FromTimestamp',
    'PyDateTime_TimeZone_UTC',
  ),
]
