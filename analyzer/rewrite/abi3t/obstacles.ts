export { type Obstacle, Obstacles } from '../modules/obstacles.ts'
