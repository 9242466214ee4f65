# A linear model of the speed of old cars, from R's own data.
model <- lm(dist ~ speed, data = cars)
estimates <- coef(summary(model))
write.csv(format(estimates, digits = 10), "model.csv", quote = FALSE)
