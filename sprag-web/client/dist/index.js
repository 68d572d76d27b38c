import{a,b}from"./shared-ABV6ACRG.js";export{a as Refused,b as store};
